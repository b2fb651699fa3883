// A looking glass over a list that the test writes, and how to ask the APIs over it.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "api/looking_glass.h"
#include "http/message.h"

namespace fabrix::api::testing {

using std::chrono::system_clock;

inline net::IpAddress address(const std::string& text) {
  return net::IpAddress::parse(text).value();
}

inline net::Prefix prefix(const std::string& text) {
  return net::Prefix::parse(text).value();
}

// 2026-11-21 05:00:00 UTC.
inline const system_clock::time_point kNow =
    system_clock::time_point(std::chrono::seconds(1795237200));

class FakeLookingGlass : public LookingGlass {
 public:
  struct Stored {
    RouteView view;
    std::vector<NeighborId> not_to;  // neighbours that do not hear it
  };

  RouteServerStatus status() const override { return shown_status; }
  std::vector<Neighbor> neighbors() const override { return shown_neighbors; }

  RouteBatch routes(const RouteQuery& query, const std::optional<RouteCursor>& after,
                    std::size_t limit) const override {
    ++batches;
    RouteBatch batch;
    for (const Stored& stored : stored_routes) {
      RouteView view = stored.view;
      if (after &&
          std::pair(view.prefix, view.from) <= std::pair(places_.at(after->place), *after->after)) {
        continue;
      }
      if (!matches(query, stored, view)) continue;
      if (batch.routes.size() == limit) {
        const RouteView& last = batch.routes.back();
        batch.next = {static_cast<std::uint32_t>(places_.size()), last.from};
        places_.push_back(last.prefix);
        break;
      }
      batch.routes.push_back(view);
    }
    return batch;
  }

  std::vector<RouteView> lookup(const net::Prefix& block) const override {
    std::optional<net::Prefix> longest;
    for (const Stored& stored : stored_routes) {
      const net::Prefix& one = stored.view.prefix;
      if (one.contains(block) && (!longest || one.length() > longest->length())) longest = one;
    }
    std::vector<RouteView> found;
    for (const Stored& stored : stored_routes) {
      if (stored.view.prefix == longest) found.push_back(stored.view);
    }
    return found;
  }

  NeighborId add_neighbor(const std::string& name, const std::string& at, std::uint32_t asn) {
    const NeighborId id{static_cast<std::uint16_t>(shown_neighbors.size())};
    shown_neighbors.push_back({.id = id,
                               .name = name,
                               .address = address(at),
                               .asn = net::Asn{asn},
                               .description = "Member " + name,
                               .state = NeighborState::kUp,
                               .since = kNow - std::chrono::hours(24),
                               .last_error = "",
                               .channels = {}});
    return id;
  }

  RouteView& add_route(NeighborId from, const std::string& what, bgp::PathAttributes attributes) {
    const Neighbor& neighbor = shown_neighbors.at(from.index());
    kept_.push_back(std::make_unique<const bgp::PathAttributes>(std::move(attributes)));
    names_.push_back(std::make_unique<const std::string>(neighbor.name));
    const Stored stored{.view = {.prefix = prefix(what),
                                 .next_hop = neighbor.address,
                                 .attributes = kept_.back().get(),
                                 .from = from,
                                 .from_name = *names_.back(),
                                 .from_address = neighbor.address,
                                 .age = std::chrono::seconds(60),
                                 .is_primary = true,
                                 .status = RouteStatus::kAccepted,
                                 .reason = std::nullopt,
                                 .rpki = std::nullopt},
                        .not_to = {}};
    const auto at = std::upper_bound(
        stored_routes.begin(), stored_routes.end(), stored, [](const Stored& a, const Stored& b) {
          return std::pair(a.view.prefix, a.view.from) < std::pair(b.view.prefix, b.view.from);
        });
    return stored_routes.insert(at, stored)->view;
  }

  RouteServerStatus shown_status{.version = "0.1.0",
                                 .router_id = "192.0.2.254",
                                 .asn = net::Asn{64500},
                                 .started = kNow - std::chrono::hours(48),
                                 .configured = kNow - std::chrono::hours(1),
                                 .message = "Fabrix is up and running"};
  std::vector<Neighbor> shown_neighbors;
  std::vector<Stored> stored_routes;  // sorted
  mutable std::size_t batches = 0;

 private:
  static bool matches(const RouteQuery& query, const Stored& stored, RouteView& view) {
    if (query.family && view.prefix.family() != *query.family) return false;
    const bool is_accepted = view.status == RouteStatus::kAccepted;
    const bool is_own = view.from == query.neighbor;
    const bool is_kept = std::find(stored.not_to.begin(), stored.not_to.end(), query.neighbor) !=
                         stored.not_to.end();
    switch (query.set) {
      case RouteSet::kAccepted:
        return is_accepted;
      case RouteSet::kFiltered:
        return !is_accepted;
      case RouteSet::kAcceptedFrom:
        return is_accepted && is_own;
      case RouteSet::kFilteredFrom:
        return !is_accepted && is_own;
      case RouteSet::kExportedTo:
        return is_accepted && !is_own && !is_kept;
      case RouteSet::kNotExportedTo:
        break;
    }
    if (!is_accepted || is_own || !is_kept) return false;
    view.status = RouteStatus::kNotExported;
    view.reason = {4, "the sender keeps it from you"};
    return true;
  }

  std::vector<std::unique_ptr<const bgp::PathAttributes>> kept_;
  std::vector<std::unique_ptr<const std::string>> names_;
  mutable std::vector<net::Prefix> places_;  // where batches ended
};

// The body, of all its pieces.
inline std::string body_of(const http::Response& response) {
  if (const auto* whole = std::get_if<std::string>(&response.body)) return *whole;
  std::string text;
  const auto& next = std::get<http::NextPiece>(response.body);
  while (const auto piece = next()) text += *piece;
  return text;
}

inline boost::json::value json(const std::string& text) {
  boost::system::error_code error;
  auto value = boost::json::parse(text, error);
  EXPECT_FALSE(error) << error.message() << " in " << text;
  return value;
}

inline http::Request get(const std::string& target) {
  const auto parsed = http::parse_target(target);
  EXPECT_TRUE(parsed) << target;
  return {.method = http::Method::kGet, .target = *parsed, .headers = {}, .body = "", .peer = {}};
}

}  // namespace fabrix::api::testing
