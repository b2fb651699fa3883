#include "api/birdwatcher.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "api/birdwatcher_json.h"
#include "base/number.h"

namespace fabrix::api {
namespace {

using Path = std::span<const std::string>;
using http::Response;

constexpr std::size_t kRoutesAPiece = 100;

Response error(unsigned status, std::string_view text) {
  return http::json_response(status, "{\"error\":" + http::json_string(text) + "}\n");
}

Response no_such_protocol(std::string_view name) {
  return error(404, fmt::format("no protocol {}", name));
}

bool is(Path path, std::initializer_list<std::string_view> words) {
  return std::equal(path.begin(), path.end(), words.begin(), words.end());
}

// Whether `path` is of that form; an empty word stands for any.
bool fits(Path path, std::initializer_list<std::string_view> form) {
  return std::equal(
      path.begin(), path.end(), form.begin(), form.end(),
      [](const std::string& have, std::string_view want) { return want.empty() || have == want; });
}

// An address, or a block whose host bits do not matter.
std::optional<net::Prefix> parse_block(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = net::IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto length = slash == std::string_view::npos
                          ? net::width_of(address->family())
                          : parse_number<unsigned>(text.substr(slash + 1));
  if (!length) return std::nullopt;
  const auto block = net::Prefix::containing(*address, *length);
  return block ? std::optional(*block) : std::nullopt;
}

// A list of routes on its way to a client, a piece at a time.
class RouteStream {
 public:
  RouteStream(const LookingGlass& glass, const RouteQuery& query, const RouteContext& context)
      : glass_(glass), query_(query), context_(context) {}

  std::optional<std::string> next() {
    if (at_end_) return std::nullopt;
    std::string piece;
    if (!has_begun_) piece = "{" + birdwatcher_envelope(context_.now) + R"(,"routes":[)";
    const RouteBatch batch = glass_.routes(query_, cursor_, kRoutesAPiece);
    for (const RouteView& route : batch.routes) {
      if (std::exchange(has_route_, true)) piece += ',';
      append_route(piece, route, context_);
    }
    has_begun_ = true;
    cursor_ = batch.next;
    at_end_ = !cursor_;
    if (at_end_) piece += "]}\n";
    return piece;
  }

 private:
  const LookingGlass& glass_;
  RouteQuery query_;
  RouteContext context_;
  std::optional<RouteCursor> cursor_;
  bool has_begun_ = false;
  bool has_route_ = false;
  bool at_end_ = false;
};

// One request: what all its answers need.
class Answer {
 public:
  Answer(const LookingGlass& glass, const BirdwatcherOptions& options)
      : glass_(glass), options_(options), now_(options.now()) {}

  Response of(const http::Request& request, Path path) const {
    if (is(path, {"version"})) return http::text_response(200, glass_.status().version);
    if (is(path, {"status"})) return status();
    if (is(path, {"protocols"}) || is(path, {"protocols", "bgp"})) {
      return protocols(birdwatcher_protocol);
    }
    if (is(path, {"protocols", "short"})) return protocols(birdwatcher_short_protocol);
    if (!path.empty() && path[0] == "symbols") return symbols(path.subspan(1));
    if (!path.empty() && path[0] == "routes") return routes(request, path.subspan(1));
    if (path.size() >= 3 && path[0] == "route" && path[1] == "net") return route(path.subspan(2));
    return error(404, "no such resource");
  }

 private:
  Response document(std::string_view name, const boost::json::value& value) const {
    return http::json_response(200, fmt::format("{{{},\"{}\":{}}}\n", birdwatcher_envelope(now_),
                                                name, boost::json::serialize(value)));
  }

  Response status() const { return document("status", birdwatcher_status(glass_.status(), now_)); }

  std::vector<Neighbor> neighbors() const {
    auto all = glass_.neighbors();
    if (options_.family) {
      std::erase_if(all, [&](const Neighbor& n) { return n.address.family() != *options_.family; });
    }
    return all;
  }

  Response protocols(boost::json::object (*show)(const Neighbor&)) const {
    boost::json::object all;
    for (const Neighbor& neighbor : neighbors()) all[neighbor.name] = show(neighbor);
    return document("protocols", all);
  }

  Response symbols(Path path) const {
    boost::json::array tables{"master4", "master6"};
    if (options_.family) {
      tables = {*options_.family == net::Family::kIpv4 ? "master4" : "master6"};
    }
    boost::json::array names;
    for (const Neighbor& neighbor : neighbors()) names.emplace_back(neighbor.name);
    if (is(path, {"tables"})) return document("symbols", tables);
    if (is(path, {"protocols"})) return document("symbols", names);
    if (!path.empty()) return error(404, "no such resource");
    return document("symbols", boost::json::object{{"routing table", tables}, {"protocol", names}});
  }

  Response routes(const http::Request& request, Path path) const {
    if (fits(path, {"protocol", ""})) return routes_of(path[1], RouteSet::kAcceptedFrom);
    if (fits(path, {"filtered", ""})) return routes_of(path[1], RouteSet::kFilteredFrom);
    if (fits(path, {"export", ""})) return routes_of(path[1], RouteSet::kExportedTo);
    if (fits(path, {"noexport", ""})) return routes_of(path[1], RouteSet::kNotExportedTo);
    if (fits(path, {"peer", ""})) return routes_of_address(path[1], options_.family);
    if (path.size() >= 2 && path[0] == "table") return table(path[1], path.subspan(2));
    if (fits(path, {"count", "", ""})) return count(path[1], path[2]);
    if (is(path, {"prefix"})) {
      const auto prefix = request.target.parameter("prefix");
      if (!prefix) return error(400, "need a prefix as single query parameter");
      return lookup(*prefix, options_.family);
    }
    // Our policies stand between no two tables.
    if (is(path, {"pipe", "filtered"})) return document("routes", boost::json::array());
    if (is(path, {"pipe", "filtered", "count"})) return document("routes", 0);
    return error(404, "no such resource");
  }

  Response stream(const RouteQuery& query) const {
    auto stream = std::make_shared<RouteStream>(
        glass_, query, RouteContext{.route_server = glass_.status().asn, .now = now_});
    return http::streamed_response("application/json", [stream] { return stream->next(); });
  }

  Response routes_of(std::string_view name, RouteSet set) const {
    const auto all = neighbors();
    const auto found = std::ranges::find(all, name, &Neighbor::name);
    if (found == all.end()) return no_such_protocol(name);
    return stream({.set = set, .neighbor = found->id, .family = options_.family});
  }

  Response routes_of_address(std::string_view text, std::optional<net::Family> family) const {
    const auto address = net::IpAddress::parse(text);
    if (!address) return error(400, "the peer is no IP address");
    const auto all = neighbors();
    const auto found = std::ranges::find(all, *address, &Neighbor::address);
    if (found == all.end()) return error(404, "no such peer");
    return stream({.set = RouteSet::kAcceptedFrom, .neighbor = found->id, .family = family});
  }

  // Of a table: its family (none: both); nothing if there is no such table here.
  std::optional<std::optional<net::Family>> family_of(std::string_view table) const {
    std::optional<net::Family> family;
    if (table == "master") return options_.family;
    if (table == "master4") family = net::Family::kIpv4;
    if (table == "master6") family = net::Family::kIpv6;
    if (!family || (options_.family && family != options_.family)) return std::nullopt;
    return family;
  }

  Response table(std::string_view name, Path path) const {
    const auto family = family_of(name);
    if (!family) return error(404, fmt::format("no table {}", name));
    if (path.empty())
      return stream({.set = RouteSet::kAccepted, .neighbor = {}, .family = *family});
    if (is(path, {"filtered"})) {
      return stream({.set = RouteSet::kFiltered, .neighbor = {}, .family = *family});
    }
    if (fits(path, {"peer", ""})) return routes_of_address(path[1], *family);
    return error(404, "no such resource");
  }

  Response count(std::string_view what, std::string_view name) const {
    const bool is_table = what == "table";
    if (!is_table && what != "protocol" && what != "primary") {
      return error(404, "no such resource");
    }
    const auto family = is_table ? family_of(name) : std::optional(options_.family);
    if (!family) return error(404, fmt::format("no table {}", name));
    std::uint64_t routes = 0;
    bool is_known = is_table;
    // All neighbours: those of one family may carry routes of the other.
    for (const Neighbor& neighbor : glass_.neighbors()) {
      if (!is_table && neighbor.name != name) continue;
      is_known = true;
      for (const NeighborChannel& channel : neighbor.channels) {
        if (*family && channel.family != **family) continue;
        routes += what == "primary" ? channel.routes.preferred : channel.routes.accepted;
      }
    }
    return is_known ? document("routes", routes) : no_such_protocol(name);
  }

  // /route/net/NET[/mask/LENGTH][/table/TABLE], from NET on.
  Response route(Path path) const {
    std::string net = path[0];
    path = path.subspan(1);
    if (path.size() >= 2 && path[0] == "mask") {
      net += "/" + path[1];
      path = path.subspan(2);
    }
    std::optional<std::optional<net::Family>> family(options_.family);
    if (fits(path, {"table", ""})) {
      family = family_of(path[1]);
      if (!family) return error(404, fmt::format("no table {}", path[1]));
    } else if (!path.empty()) {
      return error(404, "no such resource");
    }
    return lookup(net, *family);
  }

  // One prefix has at most a route a neighbour: whole.
  Response lookup(std::string_view text, std::optional<net::Family> family) const {
    const auto block = parse_block(text);
    if (!block) return error(400, "not an address or a prefix");
    std::string document = "{" + birdwatcher_envelope(now_) + R"(,"routes":[)";
    const RouteContext context{.route_server = glass_.status().asn, .now = now_};
    std::string_view comma;
    if (!family || block->family() == *family) {
      for (const RouteView& route : glass_.lookup(*block)) {
        if (route.status != RouteStatus::kAccepted) continue;
        document += comma;
        append_route(document, route, context);
        comma = ",";
      }
    }
    return http::json_response(200, document + "]}\n");
  }

  const LookingGlass& glass_;
  const BirdwatcherOptions& options_;
  std::chrono::system_clock::time_point now_;
};

}  // namespace

Birdwatcher::Birdwatcher(const LookingGlass& glass, BirdwatcherOptions options)
    : glass_(glass), options_(std::move(options)) {}

Response Birdwatcher::answer(const http::Request& request,
                             std::span<const std::string> path) const {
  if (request.method != http::Method::kGet && request.method != http::Method::kHead) {
    return http::method_not_allowed("GET, HEAD");
  }
  return Answer(glass_, options_).of(request, path);
}

}  // namespace fabrix::api
