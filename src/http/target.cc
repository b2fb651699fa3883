#include "http/target.h"

#include <algorithm>
#include <array>

namespace fabrix::http {
namespace {

enum class Plus : std::uint8_t { kIsPlus, kIsSpace };

bool is_control(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet < 0x20 || octet == 0x7f;
}

// What may stand in a target before it is decoded. IRIs must be escaped (RFC 3986 §2).
bool is_plain(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet > 0x20 && octet < 0x7f && c != '#';
}

std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

Result<std::string, TargetError> decode(std::string_view text, Plus plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == Plus::kIsSpace) {
      decoded.push_back(' ');
      continue;
    }
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3) return fail(TargetError::kBadEscape);
    const auto high = digit(text[i + 1]);
    const auto low = digit(text[i + 2]);
    if (!high || !low) return fail(TargetError::kBadEscape);
    const char octet = static_cast<char>(*high << 4U | *low);
    if (is_control(octet)) return fail(TargetError::kBadEscape);
    decoded.push_back(octet);
    i += 2;
  }
  return decoded;
}

// The part before the first `separator`, which is taken off `text` together with it.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

Result<std::vector<std::string>, TargetError> parse_segments(std::string_view path) {
  std::vector<std::string> segments;
  path.remove_prefix(1);
  while (!path.empty()) {
    FABRIX_TRY(std::string segment, decode(take_until(path, '/'), Plus::kIsPlus));
    if (segment.empty()) continue;
    if (segment == "." || segment == "..") return fail(TargetError::kBadSegment);
    if (segments.size() == kMaxSegments) return fail(TargetError::kTooManySegments);
    segments.push_back(std::move(segment));
  }
  return segments;
}

Result<std::vector<Parameter>, TargetError> parse_parameters(std::string_view query) {
  std::vector<Parameter> parameters;
  while (!query.empty()) {
    std::string_view value = take_until(query, '&');
    if (value.empty()) continue;
    const std::string_view name = take_until(value, '=');
    if (parameters.size() == kMaxParameters) return fail(TargetError::kTooManyParameters);
    Parameter parameter;
    FABRIX_TRY(parameter.name, decode(name, Plus::kIsSpace));
    FABRIX_TRY(parameter.value, decode(value, Plus::kIsSpace));
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

// "http://host:port/path" to "/path" (RFC 9112 §3.2.2: a server must take it).
std::string_view without_authority(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    text.remove_prefix(scheme.size());
    const std::size_t end = text.find_first_of("/?");
    if (end == std::string_view::npos) return "/";
    return text.substr(end);
  }
  return text;
}

}  // namespace

std::optional<std::string_view> Target::parameter(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  if (found == parameters.end()) return std::nullopt;
  return found->value;
}

std::string_view describe(TargetError error) {
  switch (error) {
    case TargetError::kTooLong:
      return "the target is too long";
    case TargetError::kNotAPath:
      return "the target is not a path";
    case TargetError::kBadOctet:
      return "the target has an octet that must be escaped";
    case TargetError::kBadEscape:
      return "the target has a malformed or forbidden escape";
    case TargetError::kBadSegment:
      return "the path has a . or .. segment";
    case TargetError::kTooManySegments:
      return "the path has too many segments";
    case TargetError::kTooManyParameters:
      break;
  }
  return "the query has too many parameters";
}

Result<Target, TargetError> parse_target(std::string_view text) {
  if (text.size() > kMaxTarget) return fail(TargetError::kTooLong);
  if (!std::ranges::all_of(text, is_plain)) return fail(TargetError::kBadOctet);
  std::string_view query = without_authority(text);
  const std::string_view path = take_until(query, '?');
  if (!path.starts_with('/')) return fail(TargetError::kNotAPath);
  Target target;
  FABRIX_TRY(target.segments, parse_segments(path));
  FABRIX_TRY(target.parameters, parse_parameters(query));
  return target;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      encoded.push_back(c);
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    encoded += {'%', kDigits[octet >> 4U], kDigits[octet & 0xfU]};
  }
  return encoded;
}

}  // namespace fabrix::http
