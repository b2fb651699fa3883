#include "app/policy_file.h"

#include <utility>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/policy_judgement.h"
#include "base/utf8.h"
#include "io/file.h"

namespace fabrix::app {

Result<std::string, ExitCode> text_to_send(const std::string& file) {
  auto text = io::read_file(file == "-" ? "/dev/stdin" : file, policy::kMaxPolicySize);
  if (!text) return fail(complain(ExitCode::kNotFound, text.error().message));
  if (utf8_prefix(*text) == text->size()) return *std::move(text);
  return fail(complain(ExitCode::kBadInput, policy::check_alone(*text, file), *text));
}

Result<Subject, ExitCode> sole_subject(Subjects& subjects, const std::string& file) {
  const auto text = io::read_file(file, 2 * policy::kMaxPolicySize);
  if (!text) return fail(complain(ExitCode::kNotFound, text.error().message));
  FABRIX_TRY(Subject subject, subjects.find(file, *text));
  if (!subject.missing.empty()) {
    return fail(complain(ExitCode::kUsage, fmt::format("{}: {}", file, subject.missing)));
  }
  if (subject.owners.size() == 1) return subject;
  return fail(complain(
      ExitCode::kUsage,
      fmt::format("{}: it is the policy of several: --participant NAME chooses one", file)));
}

Result<PolicyFile, ExitCode> read_policy(const Subject& subject, const std::string& file) {
  auto text = io::read_file(file, 2 * policy::kMaxPolicySize);
  if (!text) return fail(complain(ExitCode::kNotFound, text.error().message));
  Judgement judgement = judge(*subject.exchange, subject.owners.front(), *text, file);
  if (!judgement.policy) {
    return fail(complain(ExitCode::kBadInput, judgement.diagnostics, *text));
  }
  return PolicyFile{file, *std::move(text), std::move(judgement.policy), std::move(judgement.fsms)};
}

std::string place_of(const PolicyFile& file, const SourceSpan& at) {
  return fmt::format("{}:{}:{}", file.file, at.line, at.column);
}

}  // namespace fabrix::app
