#include "app/arguments.h"

#include <algorithm>

#include "base/suggest.h"

namespace fabrix::app {
namespace {

Error unknown_option(const std::string& option, const Syntax& syntax) {
  std::vector<std::string> known = syntax.valued;
  known.insert(known.end(), syntax.switches.begin(), syntax.switches.end());
  std::string message = "unknown option " + option;
  if (const auto meant = nearest(option, known)) message += "; did you mean " + *meant + "?";
  return Error{message};
}

bool contains(const std::vector<std::string>& list, const std::string& word) {
  return std::ranges::find(list, word) != list.end();
}

// "-" is a file, and the arrow of a packet is a word.
bool is_option(const std::string& word) {
  return word.size() > 1 && word.front() == '-' && word[1] != '>';
}

std::string written_out(const std::string& name) {
  if (name == "-h") return "--help";
  return name == "-j" ? "--json" : name;
}

}  // namespace

Result<Arguments> Arguments::parse(std::span<const std::string> words, const Syntax& syntax) {
  Arguments parsed;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (!is_option(word)) {
      parsed.words_.push_back(word);
      continue;
    }
    if (word == "--") {
      parsed.words_.insert(parsed.words_.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                           words.end());
      break;
    }
    const std::size_t equals = word.find('=');
    const std::string name = written_out(word.substr(0, equals));
    if (contains(syntax.switches, name)) {
      if (equals != std::string::npos) return fail(Error{name + " takes no value"});
      parsed.switches_.insert(name);
    } else if (contains(syntax.valued, name)) {
      const bool missing = i + 1 == words.size() || is_option(words[i + 1]);
      if (equals == std::string::npos && missing) return fail(Error{name + " needs a value"});
      parsed.values_[name].push_back(equals == std::string::npos ? words[++i]
                                                                 : word.substr(equals + 1));
    } else {
      return fail(unknown_option(name, syntax));
    }
  }
  return parsed;
}

std::optional<std::string> Arguments::value(std::string_view option) const {
  const auto found = values_.find(std::string(option));
  if (found == values_.end()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view option) const {
  const auto found = values_.find(std::string(option));
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

}  // namespace fabrix::app
