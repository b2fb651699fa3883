// Parts of a URI (RFC 3986), under the names that sFlow-RT gives them:
//
//   http://user@host:8080/a/b/c.tar.gz?q=1#top
//
//   scheme http            user user         authority user@host:8080
//   host host              port 8080         path /a/b/c.tar.gz
//   file c.tar.gz          extension gz      query q=1
//   fragment top           normalized        the whole, without . and .. in its path (§5.2.4)
//   isabsolute true        isopaque false    (of mailto:a@b it is true: it has no path)
//
// A path alone, as HTTP requests have it, is a URI too. Pure; accepts arbitrary text.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace fabrix::telemetry {

inline constexpr std::array<std::string_view, 13> kUriParts{
    "normalized", "scheme",    "user",  "authority", "host",       "port",    "path",
    "file",       "extension", "query", "fragment",  "isabsolute", "isopaque"};

// Appends the part; false, and nothing, if there is none. `part` is one of kUriParts.
bool append_uri_part(std::string_view uri, std::string_view part, std::string& out);

}  // namespace fabrix::telemetry
