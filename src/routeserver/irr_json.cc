#include "routeserver/irr_json.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

namespace fabrix::routeserver {
namespace {

namespace json = boost::json;

enum class Content : std::uint8_t { kPrefixes, kOrigins };

// A prefix as it is being read.
struct Entry {
  std::optional<net::Prefix> prefix;
  bool exact = true;
  std::optional<std::uint64_t> greater_equal;
  std::optional<std::uint64_t> less_equal;
};

// The range that an entry says, or what is wrong with it.
Result<PrefixRange> range_of(const Entry& entry) {
  if (!entry.prefix) return fail(Error{"the entry has no prefix"});
  const std::uint64_t length = entry.prefix->length();
  if (entry.exact && (entry.greater_equal || entry.less_equal)) {
    return fail(Error{"an exact prefix has no bounds"});
  }
  const std::uint64_t least = entry.greater_equal.value_or(length);
  const std::uint64_t most = entry.less_equal.value_or(
      entry.exact ? length : std::uint64_t{net::width_of(entry.prefix->family())});
  if (least < length || most < least || most > net::width_of(entry.prefix->family())) {
    return fail(Error{
        fmt::format("no prefix in {} has {} to {} bits", entry.prefix->to_string(), least, most)});
  }
  return PrefixRange{.prefix = *entry.prefix,
                     .least = static_cast<std::uint8_t>(least),
                     .most = static_cast<std::uint8_t>(most)};
}

// What the JSON parser calls. Each function that returns false has said why in `wrong`.
class Handler {
 public:
  // NOLINTBEGIN(readability-identifier-naming): the parser asks for these names.
  static constexpr std::size_t max_object_size = kMaxIrrItems;
  static constexpr std::size_t max_array_size = kMaxIrrItems;
  static constexpr std::size_t max_key_size = 255;
  static constexpr std::size_t max_string_size = 255;
  // NOLINTEND(readability-identifier-naming)

  explicit Handler(Content content) : content_(content) {}

  std::string wrong;
  std::vector<PrefixRange> prefixes;
  std::vector<net::Asn> origins;

  static bool on_document_begin(json::error_code&) { return true; }
  static bool on_document_end(json::error_code&) { return true; }

  bool on_object_begin(json::error_code& error) {
    if (at_ == At::kTop) return enter(At::kLists);
    if (at_ != At::kList || content_ != Content::kPrefixes) return unexpected("an object", error);
    entry_ = {};
    return enter(At::kEntry);
  }

  bool on_object_end(std::size_t, json::error_code& error) {
    if (at_ == At::kLists) return enter(At::kTop);
    auto range = range_of(entry_);
    if (!range) return refuse(std::move(range).error().message, error);
    if (prefixes.size() == kMaxIrrItems) return refuse_more(error);
    prefixes.push_back(*range);
    return enter(At::kList);
  }

  bool on_array_begin(json::error_code& error) {
    return at_ == At::kLists ? enter(At::kList) : unexpected("a list", error);
  }
  bool on_array_end(std::size_t, json::error_code&) { return enter(At::kLists); }

  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return collect(part); }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    collect(part);
    key_ = std::exchange(text_, {});
    return true;
  }

  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    return collect(part);
  }
  bool on_string(json::string_view part, std::size_t, json::error_code& error) {
    collect(part);
    const std::string text = std::exchange(text_, {});
    if (is_ignored()) return true;
    if (at_ != At::kEntry || key_ != "prefix") return unexpected("a text", error);
    const auto prefix = net::Prefix::parse(text);
    if (!prefix) {
      return refuse(fmt::format("'{}' is no prefix: {}", text, describe(prefix.error())), error);
    }
    entry_.prefix = *prefix;
    return true;
  }

  static bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t value, json::string_view, json::error_code& error) {
    if (is_ignored()) return true;
    if (value < 0) return refuse("the number is negative", error);
    return take(static_cast<std::uint64_t>(value), error);
  }
  bool on_uint64(std::uint64_t value, json::string_view, json::error_code& error) {
    return is_ignored() || take(value, error);
  }
  bool on_double(double, json::string_view, json::error_code& error) {
    return is_ignored() || unexpected("a fraction", error);
  }
  bool on_bool(bool value, json::error_code& error) {
    if (is_ignored()) return true;
    if (at_ != At::kEntry || key_ != "exact") return unexpected("a truth value", error);
    entry_.exact = value;
    return true;
  }
  bool on_null(json::error_code& error) { return is_ignored() || unexpected("null", error); }

  static bool on_comment_part(json::string_view, json::error_code&) { return true; }
  static bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  enum class At : std::uint8_t { kTop, kLists, kList, kEntry };

  bool enter(At at) {
    at_ = at;
    return true;
  }

  bool collect(json::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }

  // Whether this value belongs to a member that means nothing here.
  bool is_ignored() const {
    return at_ == At::kEntry && key_ != "prefix" && key_ != "exact" && key_ != "greater-equal" &&
           key_ != "less-equal";
  }

  bool take(std::uint64_t number, json::error_code& error) {
    if (at_ == At::kEntry && key_ == "greater-equal") {
      entry_.greater_equal = number;
      return true;
    }
    if (at_ == At::kEntry && key_ == "less-equal") {
      entry_.less_equal = number;
      return true;
    }
    if (at_ != At::kList || content_ != Content::kOrigins) return unexpected("a number", error);
    if (number > std::numeric_limits<std::uint32_t>::max()) {
      return refuse(fmt::format("{} is no AS number", number), error);
    }
    if (origins.size() == kMaxIrrItems) return refuse_more(error);
    origins.push_back({static_cast<std::uint32_t>(number)});
    return true;
  }

  std::string_view expected() const {
    switch (at_) {
      case At::kTop:
        return R"(an object {"NAME": [...]}, as bgpq4 writes it)";
      case At::kLists:
        return "a list";
      case At::kList:
        return content_ == Content::kPrefixes ? R"(an object {"prefix": ...})" : "an AS number";
      case At::kEntry:
        break;
    }
    if (key_ == "prefix") return "a prefix in quotes";
    return key_ == "exact" ? "true or false" : "a prefix length";
  }

  bool unexpected(std::string_view found, json::error_code& error) {
    return refuse(fmt::format("expected {}, found {}", expected(), found), error);
  }

  bool refuse_more(json::error_code& error) {
    return refuse(fmt::format("more than {} items", kMaxIrrItems), error);
  }

  bool refuse(std::string why, json::error_code& error) {
    wrong = std::move(why);
    error = json::error::extra_data;  // any: `wrong` says more
    return false;
  }

  Content content_;
  At at_ = At::kTop;
  std::string key_;
  std::string text_;
  Entry entry_;
};

SourceSpan span_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = static_cast<std::uint32_t>(std::ranges::count(before, '\n'));
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {.line = line + 1, .column = static_cast<std::uint32_t>(offset - line_start) + 1};
}

Diagnostic diagnostic(std::string message, std::string_view file, SourceSpan at) {
  return {.code = "C0201",
          .message = std::move(message),
          .file = std::string(file),
          .at = at,
          .witness = {},
          .help = "write the file with 'bgpq4 -j' (prefixes) or 'bgpq4 -jt' (AS numbers)"};
}

std::size_t next_document(std::string_view text, std::size_t from) {
  return std::min(text.find_first_not_of(" \t\r\n", from), text.size());
}

// Reads one object after the other.
Result<Handler, Diagnostic> read(std::string_view text, std::string_view file, Content content) {
  if (text.size() > kMaxIrrText) return fail(diagnostic("the text is too long", file, {}));
  json::basic_parser<Handler> parser(json::parse_options{}, content);
  std::size_t at = next_document(text, 0);
  if (at == text.size()) return fail(diagnostic("the text is empty", file, {}));
  while (at < text.size()) {
    parser.reset();
    json::error_code error;
    at += parser.write_some(false, text.data() + at, text.size() - at, error);
    if (error) {
      std::string& wrong = parser.handler().wrong;
      return fail(diagnostic(wrong.empty() ? "not JSON: " + error.message() : std::move(wrong),
                             file, span_at(text, std::min(at, text.size()))));
    }
    at = next_document(text, at);
  }
  return std::move(parser.handler());
}

}  // namespace

Result<std::vector<PrefixRange>, Diagnostic> parse_irr_prefixes(std::string_view text,
                                                                std::string_view file) {
  FABRIX_TRY(Handler found, read(text, file, Content::kPrefixes));
  return std::move(found.prefixes);
}

Result<std::vector<net::Asn>, Diagnostic> parse_irr_origins(std::string_view text,
                                                            std::string_view file) {
  FABRIX_TRY(Handler found, read(text, file, Content::kOrigins));
  return std::move(found.origins);
}

}  // namespace fabrix::routeserver
