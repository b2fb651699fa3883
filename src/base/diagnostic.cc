#include "base/diagnostic.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace fabrix {
namespace {

std::string_view word_for(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return "note";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "error";
}

// What some editors begin a file of UTF-8 with takes no room, and no column is counted for it.
std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

// Line `number` of `source`, without its end; none if there is no such line.
std::optional<std::string_view> line_of(std::string_view source, std::uint32_t number) {
  if (number == 0) return std::nullopt;
  source = without_byte_order_mark(source);
  for (std::uint32_t i = 1; i < number; ++i) {
    const std::size_t end = source.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    source.remove_prefix(end + 1);
  }
  std::string_view line = source.substr(0, source.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// A text from outside must not steer the terminal that shows it.
bool is_control(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return (octet < 0x20 && c != '\t') || octet == 0x7f;
}

// The second and later octets of a UTF-8 character take no room on the screen.
bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
}

std::string printable(std::string_view line) {
  std::string out(line);
  std::replace_if(out.begin(), out.end(), is_control, '?');
  return out;
}

// A witness may take several lines: they stand under the first.
std::string indented(std::string_view text, std::size_t columns) {
  std::string out;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    out += printable(text.substr(0, end)) + "\n" + std::string(columns, ' ');
    text.remove_prefix(end + 1);
  }
  return out + printable(text);
}

// As wide as `text` on the screen, tabs being as wide as they are there.
std::string blank_like(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!is_continuation(c)) out += c == '\t' ? '\t' : ' ';
  }
  return out;
}

std::string carets_under(std::string_view text) {
  const auto hidden = std::count_if(text.begin(), text.end(), is_continuation);
  const std::size_t width = text.size() - static_cast<std::size_t>(hidden);
  std::string carets(std::max<std::size_t>(width, 1), '^');
  return carets;
}

// Octets of a line that are shown: a text may be one line of a megabyte.
constexpr std::size_t kShown = 400;
// Of them, before the marks.
constexpr std::size_t kShownBefore = 100;

// Where it is cut no character is parted.
std::size_t boundary(std::string_view line, std::size_t at) {
  while (at < line.size() && is_continuation(line[at])) ++at;
  return std::min(at, line.size());
}

// The line, or what is about the marks of a long one, and the marks under it. Empty if `at` is not
// in `source`; a span may point just behind the last character of its line, where something is
// missing.
std::string excerpt(const SourceSpan& at, std::string_view source) {
  const auto line = line_of(source, at.line);
  if (!line || at.column == 0 || at.column > line->size() + 1) return {};
  const std::string gutter = std::to_string(at.line);
  const std::size_t column = at.column - 1;
  const bool is_cut = line->size() > kShown;
  const std::size_t first =
      is_cut && column > kShownBefore ? boundary(*line, column - kShownBefore) : 0;
  const std::size_t end = is_cut ? boundary(*line, first + kShown) : line->size();
  const std::string_view before = line->substr(first, column - first);
  const std::string_view marked =
      line->substr(column, std::min<std::size_t>(at.length, end - column));
  const std::string_view left = first > 0 ? "..." : "";
  return fmt::format("  {} | {}{}{}\n  {:{}} | {}{}{}\n", gutter, left,
                     printable(line->substr(first, end - first)), end < line->size() ? "..." : "",
                     "", gutter.size(), blank_like(left), blank_like(before), carets_under(marked));
}

}  // namespace

std::string render(const Diagnostic& diagnostic, std::string_view source) {
  const SourceSpan& at = diagnostic.at;
  std::string out =
      fmt::format("{}[{}]: {}\n  --> {}:{}:{}\n", word_for(diagnostic.severity), diagnostic.code,
                  printable(diagnostic.message), printable(diagnostic.file), at.line, at.column);
  out += excerpt(at, source);
  const auto append = [&out](std::string_view label, std::string_view text) {
    if (!text.empty()) out += fmt::format("  {}: {}\n", label, indented(text, label.size() + 4));
  };
  append("witness", diagnostic.witness);
  append("help", diagnostic.help);
  return out;
}

std::string render(std::span<const Diagnostic> diagnostics, std::string_view source) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    out += render(diagnostic, source);
    out += '\n';
  }
  return out;
}

bool has_error(std::span<const Diagnostic> diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Severity::kError;
  });
}

}  // namespace fabrix
