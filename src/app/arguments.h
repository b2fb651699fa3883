// Arguments: a command line taken apart: words, options with values, switches.
//
// "--name value", "--name=value" and switches may stand anywhere; "--" ends them. A value that
// looks like an option needs the form with '='. The last of several values holds, unless a command
// wants all. What a command
// knows is declared; anything else is an error that names the nearest known option. "-h" is
// "--help" and "-j" is "--json" where those are known.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace fabrix::app {

struct Syntax {
  std::vector<std::string> valued;    // options that take a value: "--socket"
  std::vector<std::string> switches;  // options that do not: "--json"
};

class Arguments {
 public:
  static Result<Arguments> parse(std::span<const std::string> words, const Syntax& syntax);

  const std::vector<std::string>& words() const { return words_; }
  std::optional<std::string> value(std::string_view option) const;
  std::vector<std::string> values(std::string_view option) const;  // all, in their order
  bool has(std::string_view option) const { return switches_.contains(std::string(option)); }

 private:
  std::vector<std::string> words_;
  std::map<std::string, std::vector<std::string>> values_;
  std::set<std::string> switches_;
};

}  // namespace fabrix::app
