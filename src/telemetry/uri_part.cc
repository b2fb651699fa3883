#include "telemetry/uri_part.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace fabrix::telemetry {
namespace {

using Text = std::optional<std::string_view>;

struct Uri {
  Text scheme;
  Text authority;
  std::string_view path;  // of an opaque one what comes after the scheme
  Text query;
  Text fragment;
  bool is_opaque = false;
};

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_of_scheme(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

// What comes before the first of `ends`, with which the text begins from then on.
std::string_view take_until(std::string_view& text, std::string_view ends) {
  const std::string_view taken = text.substr(0, text.find_first_of(ends));
  text.remove_prefix(taken.size());
  return taken;
}

// RFC 3986 appendix B.
Uri parse(std::string_view text) {
  Uri uri;
  const std::size_t colon = text.find_first_of(":/?#");
  if (colon != std::string_view::npos && colon > 0 && text[colon] == ':' && is_letter(text[0]) &&
      std::ranges::all_of(text.substr(0, colon), is_of_scheme)) {
    uri.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 1);
    uri.is_opaque = !text.starts_with('/');
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    uri.authority = take_until(text, "/?#");
  }
  uri.path = take_until(text, uri.is_opaque ? "#" : "?#");
  if (text.starts_with('?')) {
    text.remove_prefix(1);
    uri.query = take_until(text, "#");
  }
  if (text.starts_with('#')) uri.fragment = text.substr(1);
  return uri;
}

Text user_of(const Uri& uri) {
  if (!uri.authority) return std::nullopt;
  const std::size_t at = uri.authority->rfind('@');
  return at == std::string_view::npos ? Text() : uri.authority->substr(0, at);
}

// "host:8080", "[2001:db8::1]:8080".
std::string_view server_of(const Uri& uri) {
  const std::string_view authority = uri.authority.value_or("");
  const std::size_t at = authority.rfind('@');
  return at == std::string_view::npos ? authority : authority.substr(at + 1);
}

std::size_t port_mark(std::string_view server) {
  const std::size_t bracket = server.rfind(']');
  const std::size_t colon = server.rfind(':');
  const bool in_brackets =
      bracket != std::string_view::npos && colon != std::string_view::npos && colon < bracket;
  return in_brackets ? std::string_view::npos : colon;
}

Text host_of(const Uri& uri) {
  const std::string_view server = server_of(uri);
  return server.substr(0, port_mark(server));
}

Text port_of(const Uri& uri) {
  const std::string_view server = server_of(uri);
  const std::size_t colon = port_mark(server);
  return colon == std::string_view::npos ? Text() : server.substr(colon + 1);
}

Text path_of(const Uri& uri) {
  return uri.is_opaque ? Text() : Text(uri.path);
}

Text file_of(const Uri& uri) {
  if (uri.is_opaque) return std::nullopt;
  return uri.path.substr(uri.path.rfind('/') + 1);  // npos + 1 is 0
}

Text extension_of(const Uri& uri) {
  const std::string_view file = file_of(uri).value_or("");
  const std::size_t dot = file.rfind('.');
  return dot == std::string_view::npos ? Text() : file.substr(dot + 1);
}

// §5.2.4, of a path whose segments are kept as they are.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  const bool rooted = path.starts_with('/');
  if (rooted) path.remove_prefix(1);
  bool is_folder = path.empty();
  while (!path.empty()) {
    const std::string_view segment = path.substr(0, path.find('/'));
    is_folder = segment.size() < path.size() && segment.size() + 1 == path.size();
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
    if (segment == "." || segment == "..") {
      is_folder = is_folder || path.empty();
      if (segment == ".." && !kept.empty()) kept.pop_back();
    } else {
      kept.push_back(segment);
    }
  }
  std::string out = rooted ? "/" : "";
  for (const std::string_view segment : kept) out.append(segment).append("/");
  if (!is_folder && !kept.empty()) out.pop_back();
  return out;
}

std::string normalized(const Uri& uri) {
  std::string out;
  if (uri.scheme) out.append(*uri.scheme).append(":");
  if (uri.authority) out.append("//").append(*uri.authority);
  out += uri.is_opaque ? std::string(uri.path) : without_dots(uri.path);
  if (uri.query) out.append("?").append(*uri.query);
  if (uri.fragment) out.append("#").append(*uri.fragment);
  return out;
}

Text text_of(const Uri& uri, std::string_view part) {
  if (part == "scheme") return uri.scheme;
  if (part == "user") return user_of(uri);
  if (part == "authority") return uri.authority;
  if (part == "host") return host_of(uri);
  if (part == "port") return port_of(uri);
  if (part == "path") return path_of(uri);
  if (part == "file") return file_of(uri);
  if (part == "extension") return extension_of(uri);
  if (part == "query") return uri.query;
  if (part == "fragment") return uri.fragment;
  if (part == "isabsolute") return uri.scheme ? "true" : "false";
  if (part == "isopaque") return uri.is_opaque ? "true" : "false";
  return std::nullopt;
}

}  // namespace

bool append_uri_part(std::string_view uri, std::string_view part, std::string& out) {
  const Uri parsed = parse(uri);
  if (part == "normalized") {
    out += normalized(parsed);
    return true;
  }
  const Text text = text_of(parsed, part);
  out += text.value_or("");
  return text && !text->empty();
}

}  // namespace fabrix::telemetry
