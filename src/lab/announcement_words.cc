#include "lab/announcement_words.h"

#include <optional>

#include <fmt/format.h>

#include "base/number.h"

namespace fabrix::lab {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

Result<bgp::AsPath> parse_path(std::string_view text) {
  bgp::AsPathSegment segment;
  for (const std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    const auto asn = parse_number<std::uint32_t>(word);
    if (!asn || *asn == 0) return fail(Error{fmt::format("'{}' is not an AS number", word)});
    segment.asns.push_back(net::Asn{*asn});
  }
  if (segment.asns.empty() || segment.asns.size() > 255) {
    return fail(Error{"as-path takes 1 to 255 AS numbers, in quotes: as-path \"300 1\""});
  }
  return bgp::AsPath{.segments = {segment}};
}

// "200:80" or "65000:0:100".
Result<void> add_community(std::string_view text, bgp::PathAttributes& attributes) {
  std::vector<std::uint32_t> numbers;
  for (const std::string_view part : split(text, ':')) {
    if (const auto number = parse_number<std::uint32_t>(part))
      numbers.push_back(*number);
    else
      return fail(Error{fmt::format("'{}' is not a community (X:Y or X:Y:Z)", text)});
  }
  const bool standard = numbers.size() == 2 && numbers[0] <= 0xffff && numbers[1] <= 0xffff;
  if (standard) {
    attributes.communities.push_back(bgp::community(static_cast<std::uint16_t>(numbers[0]),
                                                    static_cast<std::uint16_t>(numbers[1])));
  } else if (numbers.size() == 3) {
    attributes.large_communities.push_back({numbers[0], numbers[1], numbers[2]});
  } else {
    return fail(Error{fmt::format("'{}' is not a community (X:Y or X:Y:Z)", text)});
  }
  return {};
}

Result<void> take_option(std::string_view name, std::string_view value,
                         bgp::PathAttributes& attributes) {
  if (name == "community") return add_community(value, attributes);
  if (name == "as-path") {
    FABRIX_TRY(attributes.as_path, parse_path(value));
    return {};
  }
  attributes.med = parse_number<std::uint32_t>(value);
  if (!attributes.med) return fail(Error{fmt::format("'{}' is not a MED", value)});
  return {};
}

}  // namespace

Result<AnnouncementWords> parse_announcement(std::span<const std::string> words, net::Asn asn) {
  AnnouncementWords parsed;
  parsed.attributes.as_path = {.segments = {{.asns = {asn}}}};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "as-path" || word == "med" || word == "community") {
      if (i + 1 == words.size()) return fail(Error{word + " needs a value"});
      const auto taken = take_option(word, words[++i], parsed.attributes);
      if (!taken) return fail(taken.error());
      continue;
    }
    const auto prefix = net::Prefix::parse(word);
    if (!prefix) {
      return fail(Error{fmt::format("'{}': {}", word, net::describe(prefix.error()))});
    }
    parsed.prefixes.push_back(*prefix);
  }
  if (parsed.prefixes.empty()) return fail(Error{"announce needs a prefix"});
  return parsed;
}

Result<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  bool in_quotes = false;
  for (const char c : line) {
    if (c == '"') {
      in_quotes = !in_quotes;
      if (in_quotes && !in_word) words.emplace_back();
      in_word = true;
    } else if (!in_quotes && c == '#') {
      break;
    } else if (!in_quotes && (c == ' ' || c == '\t' || c == '\r')) {
      in_word = false;
    } else {
      if (!in_word) words.emplace_back();
      in_word = true;
      words.back() += c;
    }
  }
  if (in_quotes) return fail(Error{"a quote is not closed"});
  return words;
}

}  // namespace fabrix::lab
