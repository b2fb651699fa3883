#include "app/lsp_diagnostic.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

namespace fabrix::app {
namespace {

namespace json = boost::json;

// Of a document an editor shows no byte order mark, and no column is counted for it.
std::string_view line_of(std::string_view text, std::uint32_t number) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  for (std::uint32_t i = 1; i < number; ++i) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// How many UTF-16 units the first `octets` of a line of UTF-8 are.
std::uint64_t utf16_units(std::string_view line, std::size_t octets) {
  std::uint64_t units = 0;
  for (const char c : line.substr(0, std::min(octets, line.size()))) {
    const auto octet = static_cast<unsigned char>(c);
    const bool continues = (octet & 0xc0U) == 0x80;
    const bool beyond_the_first_plane = octet >= 0xf0;
    if (!continues) units += beyond_the_first_plane ? 2 : 1;
  }
  return units;
}

json::object position(std::uint32_t line, std::uint64_t character) {
  return {{"line", line}, {"character", character}};
}

json::object range_of(const SourceSpan& at, std::string_view text) {
  const std::string_view line = line_of(text, at.line);
  const std::uint32_t number = std::max(at.line, 1U) - 1;
  const std::size_t before = std::max(at.column, 1U) - 1;
  return {{"start", position(number, utf16_units(line, before))},
          {"end", position(number, utf16_units(line, before + at.length))}};
}

int severity_of(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return 1;
    case Severity::kWarning:
      return 2;
    case Severity::kNote:
      return 3;
  }
  return 1;
}

bool is_plain(char c) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  return kUnreserved.find(c) != std::string_view::npos;
}

}  // namespace

std::string file_uri(std::string_view path) {
  std::string uri = "file://";
  for (const char c : path) {
    if (is_plain(c)) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

json::object lsp_diagnostic(const Diagnostic& diagnostic, std::string_view text,
                            std::string_view path) {
  return {{"file", diagnostic.file},
          {"uri", file_uri(path)},
          {"range", range_of(diagnostic.at, text)},
          {"severity", severity_of(diagnostic.severity)},
          {"code", diagnostic.code},
          {"source", "fabrix"},
          {"message", diagnostic.message},
          {"witness", diagnostic.witness},
          {"help", diagnostic.help}};
}

}  // namespace fabrix::app
