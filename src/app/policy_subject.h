// Subjects: whose policy a file is, and of which exchange.
//
// The exchange is --exchange, else the exchange.yaml in the file's directory or the nearest one
// above it. The owner is --participant, else the NAME of the file's `policy NAME { }` block, else
// whoever that exchange.yaml gives the file to. Each exchange.yaml is read once.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/arguments.h"
#include "app/exit_code.h"
#include "base/result.h"
#include "exchange/exchange.h"
#include "net/ids.h"

namespace fabrix::app {

struct Subject {
  const exchange::Exchange* exchange = nullptr;  // null: there is none
  std::string exchange_file;
  std::vector<net::ParticipantId> owners;  // empty: nobody says whose it is
  // "A in lab/exchange.yaml" if any of it was found rather than given.
  std::string found;
  std::string missing;  // what is not known, and how to say it; empty: everything is
};

class Subjects {
 public:
  explicit Subjects(const Arguments& arguments);

  // What is wrong is told on stderr: an exchange.yaml with errors, a participant that it does not
  // have. The Subject is good as long as this.
  Result<Subject, ExitCode> find(const std::string& file, std::string_view text);

 private:
  using Read = Result<exchange::Exchange, ExitCode>;

  const Read& read(const std::string& file);
  static Result<net::ParticipantId, ExitCode> named(const Subject& subject,
                                                    const std::string& name);

  std::optional<std::string> exchange_file_;
  std::optional<std::string> participant_;
  std::map<std::string, Read> exchanges_;
};

}  // namespace fabrix::app
