#include "telemetry/oui_table.h"

#include <algorithm>

#include "base/number.h"

namespace fabrix::telemetry {
namespace {

using Maker = std::pair<std::uint32_t, std::string>;

constexpr std::size_t kDigits = 6;

std::optional<std::uint32_t> oui_of(std::string_view digits) {
  return digits.size() == kDigits ? parse_number<std::uint32_t>(digits, 16) : std::nullopt;
}

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::string condensed(std::string_view name) {
  std::string out;
  std::ranges::copy_if(name, std::back_inserter(out), is_letter_or_digit);
  return out;
}

std::optional<Maker> maker(std::string_view digits, std::string_view name) {
  const auto oui = oui_of(digits);
  std::string text = condensed(name);
  if (!oui || text.empty()) return std::nullopt;
  return Maker(*oui, std::move(text));
}

// MA-L,002272,American Micro-Fuel Device Corp.,...   or the name in quotation marks.
std::optional<Maker> csv_line(std::string_view line) {
  constexpr std::string_view kRegistry = "MA-L,";
  line.remove_prefix(kRegistry.size());
  const std::string_view digits = line.substr(0, kDigits);
  if (line.size() <= kDigits || line[kDigits] != ',') return std::nullopt;
  line.remove_prefix(kDigits + 1);
  const bool quoted = line.starts_with('"');
  if (quoted) line.remove_prefix(1);
  // Of a quotation mark within one it is the first of two: what comes after it is cut off.
  return maker(digits, line.substr(0, line.find(quoted ? '"' : ',')));
}

// 002272     (base 16)		American Micro-Fuel Device Corp.
std::optional<Maker> txt_line(std::string_view line) {
  constexpr std::string_view kMark = "(base 16)";
  const std::size_t mark = line.find(kMark);
  if (mark == std::string_view::npos) return std::nullopt;
  return maker(line.substr(0, kDigits), line.substr(mark + kMark.size()));
}

}  // namespace

OuiTable OuiTable::parse(std::string_view text) {
  OuiTable table;
  while (!text.empty() && table.makers_.size() < kMaxMakers) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    auto found = line.starts_with("MA-L,") ? csv_line(line) : txt_line(line);
    if (found) table.makers_.push_back(*std::move(found));
  }
  std::ranges::stable_sort(table.makers_, {}, &Maker::first);
  return table;
}

std::optional<std::string_view> OuiTable::maker_of(std::uint32_t oui) const {
  const auto found = std::ranges::lower_bound(makers_, oui, {}, &Maker::first);
  if (found == makers_.end() || found->first != oui) return std::nullopt;
  return std::string_view(found->second);
}

}  // namespace fabrix::telemetry
