#include "telemetry/routers.h"

#include <algorithm>
#include <utility>

#include "telemetry/frame_ends.h"

namespace fabrix::telemetry {
namespace {

// What keys will read of a route: asks the memory for it (as RouteTexts::fetch() does).
[[gnu::always_inline]] inline void fetch(const RouteMatch& match) {
  if (match.texts != nullptr) return match.texts->fetch(match.has_long_texts);
  __builtin_prefetch(&match.route->as_path);
  __builtin_prefetch(&match.route->communities);
}

[[gnu::always_inline]] inline void fetch_long_texts(const RouteMatch& match) {
  if (match.texts != nullptr) return;
  __builtin_prefetch(match.route->as_path.data());
  __builtin_prefetch(match.route->communities.data());
}

RouteMemo::Entry& entry_of(RouteMemo& memo, Side side) {
  return side == Side::kDestination ? memo.to_destination : memo.to_source;
}

void begin(RouteMemo::Entry& entry) {
  entry.is_known = true;
  entry.is_asked_for = false;
  entry.match.reset();
}

// None: the member is told of no route there.
void put_told(const TableView& view, RouteTable::RouteId id, std::optional<RouteMatch>& match) {
  if (!view.put_match(id, match.emplace())) match.reset();
}

}  // namespace

template <typename Tell>
void Routers::tell_watchers(const net::IpAddress& router, Tell&& tell) const {
  for (const auto& [watched, watcher] : watchers_) {
    const auto view = views_.find(watched);
    if (watched == router || (view != views_.end() && view->second.of == router)) tell(*watcher);
  }
}

bool Routers::watch(const net::IpAddress& router, RouteWatcher* watcher) {
  if (watcher == nullptr) return watchers_.erase(router) != 0;
  return watchers_.emplace(router, watcher).second;
}

bool Routers::add_router(const net::IpAddress& router, const RouterInfo& info,
                         std::chrono::duration<double> smoothing, RouteValue value) {
  if (!routers_.contains(router) && routers_.size() + views_.size() >= kMaxRouters) return false;
  routers_.erase(router);
  Router& added = routers_[router];
  added.info = info;
  added.rates = RouteRates(smoothing, &added.table);
  added.value = value;
  tell_watchers(router, [](RouteWatcher& watcher) { watcher.changed_all(); });
  return true;
}

bool Routers::renew_router(const net::IpAddress& router, const RouterInfo& info) {
  const Router* const before = find(router);
  return before != nullptr && add_router(router, info, before->rates.smoothing(), before->value);
}

bool Routers::measure(const net::IpAddress& router, std::chrono::duration<double> smoothing,
                      RouteValue value) {
  const auto found = routers_.find(router);
  if (found == routers_.end()) return false;
  Router& of = found->second;
  // What has been measured stays if nothing is different.
  if (of.value == value && of.rates.smoothing() == smoothing) return true;
  of.table.clear_averages();
  of.rates = RouteRates(smoothing, &of.table);
  of.value = value;
  return true;
}

bool Routers::remove_router(const net::IpAddress& router) {
  tell_watchers(router, [](RouteWatcher& watcher) { watcher.changed_all(); });
  return routers_.erase(router) != 0;
}

const Routers::Router* Routers::find(const net::IpAddress& router) const {
  const auto found = routers_.find(router);
  return found != routers_.end() ? &found->second : nullptr;
}

bool Routers::add_view(const net::IpAddress& router, const RouterInfo& info,
                       const net::IpAddress& of, MemberId member) {
  if (!views_.contains(router) && routers_.size() + views_.size() >= kMaxRouters) return false;
  views_.insert_or_assign(router, View{.info = info, .of = of, .member = member});
  tell_watchers(router, [](RouteWatcher& watcher) { watcher.changed_all(); });
  return true;
}

std::optional<Routers::Seen> Routers::see(const net::IpAddress& router) const {
  if (const Router* const own = find(router)) {
    return Seen{.info = &own->info, .router = own, .table = own->table, .rates = &own->rates};
  }
  const auto found = views_.find(router);
  const Router* const of = found != views_.end() ? find(found->second.of) : nullptr;
  if (of == nullptr) return std::nullopt;
  const View& view = found->second;
  return Seen{.info = &view.info,
              .router = of,
              .table = TableView(of->table, view.member),
              .rates = &view.rates};
}

bool Routers::put(const net::IpAddress& router, const net::Prefix& prefix, auto route) {
  const auto found = routers_.find(router);
  if (found == routers_.end()) return false;
  Router& of = found->second;
  const auto before = of.table.find(prefix);
  if (route != nullptr) {
    if (!of.table.insert(prefix, std::move(route))) return false;
    if (!before) ++of.added;
  } else if (before) {
    of.rates.forget(*before);
    for (auto& [address, view] : views_) {
      if (view.of == router) view.rates.forget(*before);
    }
    of.table.erase(prefix);
    ++of.removed;
  }
  tell_watchers(router, [&](RouteWatcher& watcher) { watcher.changed(prefix); });
  return true;
}

bool Routers::set_route(const net::IpAddress& router, const net::Prefix& prefix,
                        RouteInfoPtr route) {
  return put(router, prefix, std::move(route));
}

bool Routers::set_routes(const net::IpAddress& router, const net::Prefix& prefix, RouteSetPtr set) {
  return put(router, prefix, std::move(set));
}

bool Routers::bind(const net::IpAddress& agent, const net::IpAddress& router,
                   const std::optional<net::IpAddress>& router6) {
  if (!bindings_.contains(agent) && bindings_.size() == kMaxBindings) return false;
  bindings_.insert_or_assign(agent, Binding{.router = router, .router6 = router6});
  return true;
}

void Routers::unbind_all() {
  std::erase_if(bindings_,
                [this](const auto& bound) { return views_.contains(bound.second.router); });
  for (const auto& [view, said] : views_) {
    tell_watchers(view, [](RouteWatcher& watcher) { watcher.changed_all(); });
  }
  views_.clear();
  others_.reset();
}

// None: it is nobody's.
std::optional<Routers::Joint> Routers::joint_of(const Sample& sample, net::Family family) const {
  const auto bound = bindings_.find(sample.agent);
  const Binding* const binding = bound != bindings_.end() ? &bound->second : nullptr;
  if (binding == nullptr && !others_) return std::nullopt;
  const bool by_router6 = binding != nullptr && binding->router6 && family == net::Family::kIpv6;
  const net::IpAddress& router =
      binding == nullptr ? *others_ : (by_router6 ? *binding->router6 : binding->router);
  const auto view = views_.find(router);
  const bool is_view = view != views_.end();
  const Router* const of = find(is_view ? view->second.of : router);
  if (of == nullptr) return std::nullopt;
  return Joint{.name = &router, .router = of, .view = is_view ? &view->second : nullptr};
}

bool Routers::is_of_fabric(const Sample& sample) const {
  if (members_.empty()) return false;
  const auto joint = joint_of(sample);
  return joint && joint->view == nullptr && *joint->name == others_;
}

// Whose routes count for the packet's destination, or its source: who sends, or who receives.
std::optional<MemberId> Routers::member_at(const Joint& joint, const Sample& sample,
                                           Side side) const {
  if (joint.view != nullptr) return joint.view->member;
  if (members_.empty()) return std::nullopt;
  const FrameEnds ends = ends_of(members_, sample);
  return side == Side::kDestination ? ends.sender : ends.receiver;
}

RouteRates& Routers::rates_of(const Joint& joint) {
  return joint.view != nullptr ? views_.at(*joint.name).rates : routers_.at(*joint.name).rates;
}

// Most that come one after the other are of one agent.
std::span<Routers::Joining> Routers::find_joints(std::span<const Sample> samples) {
  std::size_t count = 0;
  if (joining_.size() < samples.size()) joining_.resize(samples.size());
  own_memos_.clear();
  own_memos_.reserve(samples.size());
  const Sample* before = nullptr;
  std::optional<net::Family> family_before;
  std::optional<Joint> joint;
  RouteRates* rates = nullptr;
  for (const Sample& sample : samples) {
    const auto ends = ip_ends_of(sample);
    const auto family = ends ? ends->family : net::Family::kIpv4;
    if (before == nullptr || before->agent != sample.agent || family_before != family) {
      joint = joint_of(sample, family);
      if (joint) rates = &rates_of(*joint);
    }
    before = &sample;
    family_before = family;
    if (!joint) continue;
    Joining& joining = joining_[count++];
    joining.sample = &sample;
    joining.memo = sample.memo != nullptr ? sample.memo : &own_memos_.emplace_back();
    begin(joining.memo->to_destination);
    begin(joining.memo->to_source);
    joining.joint = *joint;
    joining.rates = rates;
    joining.has_ends = ends.has_value();
    if (!ends) continue;
    const RouteTable& table = joint->router->table;
    joining.destination.search = table.begin(family, ends->destination);
    joining.source.search = table.begin(family, ends->source);
  }
  return std::span(joining_).first(count);
}

void Routers::add(std::span<const Sample> samples, Time now) {
  if (!joins_any()) return;
  const std::span<Joining> all = find_joints(samples);
  const auto each_end = [all](const auto& step) {
    for (Joining& joining : all) {
      if (!joining.has_ends) continue;
      const RouteTable& table = joining.joint.router->table;
      step(joining, table, joining.destination, Side::kDestination);
      step(joining, table, joining.source, Side::kSource);
    }
  };
  each_end([](const Joining&, const RouteTable& table, End& end, Side) {
    table.fetch_begins(end.search);
  });
  each_end([](const Joining&, const RouteTable& table, End& end, Side) { table.find(end.search); });
  each_end([](const Joining& joining, const RouteTable& table, End& end, Side) {
    end.id = table.finish(end.search);
    if (end.id == RouteTable::kNoRoute) return;
    table.fetch_route(end.id);
    joining.rates->fetch(end.id);
  });
  each_end([this](const Joining& joining, const RouteTable& table, const End& end, Side side) {
    if (end.id == RouteTable::kNoRoute) return;
    auto& match = entry_of(*joining.memo, side).match;
    if (table.set_of(end.id) == nullptr) {
      table.put_match(end.id, match.emplace());
    } else {
      const TableView view(table, member_at(joining.joint, *joining.sample, side));
      put_told(view, end.id, match);
    }
    if (match && is_asked_for(side)) fetch(*match);
  });
  each_end([this](const Joining& joining, const RouteTable&, const End&, Side side) {
    const auto& match = entry_of(*joining.memo, side).match;
    if (match && is_asked_for(side)) fetch_long_texts(*match);
  });
  for (const Joining& joining : all) count(joining, now);
}

void Routers::expect_like(std::span<const Sample> samples) {
  constexpr std::size_t kEnough = 32;
  bool destination = false;
  bool source = false;
  for (const Sample& sample : samples.first(std::min(samples.size(), kEnough))) {
    if (sample.memo == nullptr) continue;
    destination = destination || sample.memo->to_destination.is_asked_for;
    source = source || sample.memo->to_source.is_asked_for;
  }
  asked_for_[static_cast<std::size_t>(Side::kDestination)] = destination;
  asked_for_[static_cast<std::size_t>(Side::kSource)] = source;
}

void Routers::count(const Joining& joining, Time now) {
  const Sample& sample = *joining.sample;
  const Joint& joint = joining.joint;
  const double frames = sample.sampling_rate;
  const double bytes = frames * sample.packet->frame_length();
  const double amount = joint.router->value == RouteValue::kFrames ? frames : bytes;
  const auto watched = watchers_.empty() ? watchers_.end() : watchers_.find(*joint.name);
  if (watched != watchers_.end() && joining.has_ends) {
    const auto seen = see(*joint.name);
    const auto& to = joining.destination.search;
    watched->second->routed(seen->table, to.address.to_address(to.family), bytes, now);
  }
  const auto add = [&](const std::optional<RouteMatch>& match, Direction direction) {
    if (match) joining.rates->add(match->id, direction, amount, now);
  };
  add(joining.memo->to_destination.match, Direction::kEgress);
  add(joining.memo->to_source.match, Direction::kIngress);
}

std::optional<RouteMatch> Routers::match(const Sample& sample, const net::IpAddress& address,
                                         Side side) const {
  const auto joint = joint_of(sample, address.family());
  if (!joint) return std::nullopt;
  return TableView(joint->router->table, member_at(*joint, sample, side)).match(address);
}

std::optional<RouteMatch> Routers::to_destination(const Sample& sample,
                                                  const net::IpAddress& address) const {
  return match(sample, address, Side::kDestination);
}

std::optional<RouteMatch> Routers::to_source(const Sample& sample,
                                             const net::IpAddress& address) const {
  return match(sample, address, Side::kSource);
}

std::uint32_t Routers::own_as(const Sample& sample) const {
  const auto joint = joint_of(sample);
  if (!joint) return 0;
  return joint->view != nullptr ? joint->view->info.as : joint->router->info.as;
}

}  // namespace fabrix::telemetry
