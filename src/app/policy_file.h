// A policy file that is read; with whose it is, what `explain` and `diff` start from.
#pragma once

#include <memory>
#include <string>

#include "app/exit_code.h"
#include "app/policy_subject.h"
#include "base/result.h"
#include "policy/parse.h"
#include "policy/policy.h"

namespace fabrix::app {

// The text to send to a daemon; "-" is stdin. What is wrong, such as that it is no text and no JSON
// could have it, is told on stderr.
Result<std::string, ExitCode> text_to_send(const std::string& file);

struct PolicyFile {
  std::string file;
  std::string text;
  std::shared_ptr<const policy::Policy> policy;   // with fsms: as it is in their initial states
  std::shared_ptr<const policy::FsmPolicy> fsms;  // null: there are none
};

// The file's Subject, with exactly one owner. What is missing is told on stderr.
Result<Subject, ExitCode> sole_subject(Subjects& subjects, const std::string& file);

// What is wrong with it is told on stderr.
Result<PolicyFile, ExitCode> read_policy(const Subject& subject, const std::string& file);

// "A.policy:2:13"
std::string place_of(const PolicyFile& file, const SourceSpan& at);

}  // namespace fabrix::app
