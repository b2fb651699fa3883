#include "fabric/openflow_network.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/assert.h"

namespace fabrix::fabric {
namespace {

// Handshakes that are under way at once.
constexpr std::size_t kMaxArriving = 2 * kMaxSwitches;
// Unknown switches that are told of; the others are refused without a word.
constexpr std::size_t kMaxRefused = 64;
constexpr std::string_view kProtocol = "openflow: ";

}  // namespace

OpenFlowNetwork::OpenFlowNetwork(Topology topology)
    : topology_(std::move(topology)), links_(topology_) {
  for (SwitchIndex at = 0; at < topology_.switches.size(); ++at) {
    const Underlay underlay(topology_, at);
    const auto ports = underlay.ports().ports();
    // tidy: Member is an aggregate, which make_unique cannot make with clang 14
    members_.emplace_back(new Member{.ports = underlay.ports(),
                                     .fabric = OpenFlowFabric(ports, underlay),
                                     .share = ProgramShare(ports),
                                     .has = nullptr});
    listen_to(at);
  }
}

void OpenFlowNetwork::listen_to(SwitchIndex at) {
  OpenFlowFabric& fabric = members_[at]->fabric;
  fabric.on_port = [this, at](net::PortNo port, bool up) { on_port_of(at, port, up); };
  fabric.on_frame = [this, at](net::PortNo port, std::span<const std::byte> frame) {
    on_frame_of(at, port, frame);
  };
  fabric.on_ready = [this] {
    if (on_ready) on_ready();
  };
  fabric.on_query_counts = [this, at] { on_counts_of(at); };
  fabric.on_event = [this, at](const std::string& text) {
    report(topology_.switches[at].name + ": " + text);
  };
  fabric.on_output = [this] {
    if (on_output) on_output();
  };
  fabric.on_notice = [this, at](Severity severity, const std::string& text) {
    notice(severity, topology_.switches[at].name + ": " + text);
  };
}

void OpenFlowNetwork::install(program::ProgramPtr program, Done done) {
  FABRIX_ASSERT(!installing_);  // One install at a time.
  installing_ = Installing{.program = std::move(program),
                           .done = std::move(done),
                           .before = std::vector<program::ProgramPtr>(members_.size()),
                           .under_way = members_.size() + 1};
  static const auto nothing = std::make_shared<const program::Program>();
  for (SwitchIndex at = 0; at < members_.size(); ++at) {
    Member& member = *members_[at];
    auto share = member.share.of(installing_->program);
    if (share == member.has) {
      --installing_->under_way;
      continue;
    }
    installing_->before[at] = member.has ? member.has : nothing;
    member.has = share;
    member.fabric.install(std::move(share),
                          [this, at](const Result<void>& outcome) { on_installed(at, outcome); });
  }
  on_installed(members_.size(), {});  // All have been asked.
}

// NOLINTNEXTLINE(misc-no-recursion): undo() comes back once at most.
void OpenFlowNetwork::on_installed(SwitchIndex at, const Result<void>& outcome) {
  if (!outcome) {
    Member& member = *members_[at];
    member.has = installing_->before[at];
    installing_->before[at] = nullptr;
    const std::string refusal = topology_.switches[at].name + ": " + outcome.error().message;
    if (installing_->undoing) report("cannot go back: " + refusal);
    if (installing_->refusal.empty()) installing_->refusal = refusal;
  }
  if (--installing_->under_way > 0) return;
  if (!installing_->refusal.empty() && !installing_->undoing) return undo();
  end_installing();
}

// Those that took the new Program get the old one back.
// NOLINTNEXTLINE(misc-no-recursion): see on_installed().
void OpenFlowNetwork::undo() {
  installing_->undoing = true;
  installing_->under_way = members_.size() + 1;
  for (SwitchIndex at = 0; at < members_.size(); ++at) {
    auto before = installing_->before[at];
    if (!before) {
      --installing_->under_way;
      continue;
    }
    members_[at]->has = before;
    members_[at]->fabric.install(
        std::move(before), [this, at](const Result<void>& outcome) { on_installed(at, outcome); });
  }
  on_installed(members_.size(), {});
}

void OpenFlowNetwork::end_installing() {
  Installing ended = *std::exchange(installing_, std::nullopt);
  if (ended.refusal.empty()) {
    program_ = std::move(ended.program);
    ended.done({});
  } else {
    ended.done(fail(Error{ended.refusal}));
  }
}

void OpenFlowNetwork::audit(const program::ProgramPtr& program, AuditDone done) {
  if (auditing_) return done(fail(Error{"the switches are being read already"}));
  auditing_ =
      Auditing{.program = program, .done = std::move(done), .under_way = members_.size() + 1};
  for (SwitchIndex at = 0; at < members_.size(); ++at) {
    members_[at]->fabric.audit(members_[at]->has, [this, at](const Result<FabricAudit>& outcome) {
      on_audited(at, outcome);
    });
  }
  on_audited(members_.size(), fail(Error{"no switch is connected"}));
}

void OpenFlowNetwork::on_audited(SwitchIndex at, const Result<FabricAudit>& outcome) {
  if (outcome) {
    add(at, *outcome);
  } else if (at == members_.size() || members_[at]->fabric.is_connected()) {
    if (auditing_->failure.empty()) auditing_->failure = outcome.error().message;
  }
  if (--auditing_->under_way > 0) return;
  Auditing ended = *std::exchange(auditing_, std::nullopt);
  if (ended.read == 0) return ended.done(fail(Error{ended.failure}));
  ended.done(std::move(ended.sum));
}

void OpenFlowNetwork::add(SwitchIndex at, const FabricAudit& found) {
  FabricAudit& sum = auditing_->sum;
  ++auditing_->read;
  sum.rules += found.rules;
  sum.wanted += found.wanted;
  sum.right += found.right;
  sum.different += found.different;
  sum.missing += found.missing;
  sum.foreign += found.foreign;
  sum.meters += found.meters;
  sum.unsaid += found.unsaid;
  for (const Difference& difference : found.differences) {
    if (sum.differences.size() < kMaxDifferences) sum.differences.push_back(difference);
  }
  if (found.actual && !sum.actual && auditing_->program) {
    sum.actual = members_[at]->share.completed(*found.actual, *auditing_->program);
  }
}

void OpenFlowNetwork::send_frame(net::PortNo port, std::span<const std::byte> frame) {
  if (const auto at = switch_of(topology_, port)) members_[*at]->fabric.send_frame(port, frame);
}

void OpenFlowNetwork::set_ports(const std::vector<net::PortNo>& ports) {
  std::vector<std::vector<net::PortNo>> of_switch(members_.size());
  for (const net::PortNo port : ports) {
    const auto at = switch_of(topology_, port);
    if (at) {
      of_switch[*at].push_back(port);
    } else if (on_port) {
      on_port(port, false);
    }
  }
  for (SwitchIndex at = 0; at < members_.size(); ++at) {
    members_[at]->fabric.set_ports(of_switch[at]);
  }
}

// A switch pushes the tags of others' ports, too: what comes over a link leaves as it is.
void OpenFlowNetwork::set_tags(const PortTags& tags) {
  for (const auto& member : members_) member->fabric.set_tags(tags);
}

std::string OpenFlowNetwork::status() const {
  const auto there = std::ranges::count_if(
      members_, [](const auto& member) { return member->fabric.is_connected(); });
  std::string text = fmt::format("openflow: {} of {} switches connected", there, members_.size());
  if (fenced_) text += ", another controller of a newer generation is master";
  for (SwitchIndex at = 0; at < members_.size(); ++at) {
    std::string one = members_[at]->fabric.status();
    if (one.starts_with(kProtocol)) one.erase(0, kProtocol.size());
    text += "\n  " + topology_.switches[at].name + ": " + one;
  }
  for (LinkIndex link = 0; link < topology_.links.size(); ++link) {
    const std::string why = links_.fault(link);
    if (!why.empty()) text += fmt::format("\n  link {}: {}", describe(topology_, link), why);
  }
  return text;
}

bool OpenFlowNetwork::is_connected() const {
  return std::ranges::all_of(members_,
                             [](const auto& member) { return member->fabric.is_connected(); });
}

std::vector<OpenFlowNetwork::Part> OpenFlowNetwork::switches() const {
  std::vector<Part> parts;
  for (SwitchIndex at = 0; at < members_.size(); ++at) {
    parts.push_back(
        {.name = topology_.switches[at].name, .is_right = members_[at]->fabric.is_connected()});
  }
  return parts;
}

std::vector<OpenFlowNetwork::Part> OpenFlowNetwork::links() const {
  std::vector<Part> parts;
  for (LinkIndex link = 0; link < topology_.links.size(); ++link) {
    parts.push_back({.name = describe(topology_, link), .is_right = links_.fault(link).empty()});
  }
  return parts;
}

void OpenFlowNetwork::read_query_counts() {
  for (const auto& member : members_) member->fabric.read_query_counts();
}

void OpenFlowNetwork::read_drop_counts() {
  for (const auto& member : members_) member->fabric.read_drop_counts();
}

void OpenFlowNetwork::read_port_counts() {
  PortCounts all;
  for (SwitchIndex at = 0; at < members_.size(); ++at) {
    const auto& own = topology_.switches[at].ports;
    for (const auto& [port, count] : members_[at]->fabric.port_counts()) {
      if (own.contains(port)) all.emplace(port, count);
    }
    members_[at]->fabric.read_port_counts();
  }
  set_port_counts(std::move(all));
}

void OpenFlowNetwork::forget_queries(const std::set<QueryKey>& keep) {
  Fabric::forget_queries(keep);
  for (const auto& member : members_) {
    member->fabric.forget_queries(keep);
    std::erase_if(member->counted,
                  [&keep](const auto& each) { return !keep.contains(each.first); });
  }
}

void OpenFlowNetwork::on_counts_of(SwitchIndex at) {
  Member& member = *members_[at];
  for (const auto& [key, count] : member.fabric.query_counts()) {
    QueryCount& seen = member.counted[key];
    const std::uint64_t query = key.query;
    add_counts(key.owner, std::span(&query, 1),
               {.packets = count.packets - seen.packets, .octets = count.octets - seen.octets});
    seen = count;
  }
  if (on_query_counts) on_query_counts();
}

void OpenFlowNetwork::on_port_of(SwitchIndex at, net::PortNo port, bool up) {
  const auto own = members_[at]->ports.to_switch(port);
  if (links_.on_port(at, own, up)) return;
  if (topology_.switches[at].ports.contains(port) && on_port) on_port(port, up);
}

void OpenFlowNetwork::on_frame_of(SwitchIndex at, net::PortNo port,
                                  std::span<const std::byte> frame) {
  if (topology_.switches[at].ports.contains(port)) {
    if (on_frame) on_frame(port, frame);
    return;
  }
  const auto own = members_[at]->ports.to_switch(port);
  if (const auto probe = decode_probe(frame)) links_.on_probe(at, own, *probe);
}

OpenFlowNetwork::ConnectionId OpenFlowNetwork::connected(Time now) {
  now_ = std::max(now_, now);
  const ConnectionId id{next_connection_++};
  if (arriving_.size() < kMaxArriving) {
    arriving_.emplace(id, openflow::Channel({.master_generation = generation_}, now));
  }
  if (on_output) on_output();
  return id;
}

OpenFlowNetwork::Member* OpenFlowNetwork::member_of(ConnectionId id) const {
  const auto found =
      std::ranges::find_if(members_, [id](const auto& member) { return member->connection == id; });
  return found == members_.end() ? nullptr : found->get();
}

void OpenFlowNetwork::feed(ConnectionId id, std::span<const std::byte> bytes, Time now) {
  now_ = std::max(now_, now);
  if (Member* member = member_of(id)) {
    member->fabric.feed(bytes, now);
  } else if (const auto found = arriving_.find(id); found != arriving_.end()) {
    found->second.feed(bytes, now);
    auto events = found->second.take_events();
    if (!events.empty() && std::holds_alternative<openflow::Connected>(events.front())) {
      auto channel = std::move(arriving_.extract(found).mapped());
      fenced_ = false;
      hand_over(id, std::move(channel), std::move(events));
    } else if (!events.empty()) {
      note_fencing(events.back());
    }
  }
  check_links();
  if (on_output) on_output();
}

// A switch that has another master does not say which one it is.
void OpenFlowNetwork::note_fencing(const openflow::Event& event) {
  const auto* closed = std::get_if<openflow::Closed>(&event);
  if (closed == nullptr || closed->by != openflow::ClosedBy::kNewerMaster) return;
  if (std::exchange(fenced_, true)) return;
  notice(Severity::kError, fmt::format("{}: with generation {} this one writes nothing to it",
                                       closed->reason, generation_.value_or(0)));
}

void OpenFlowNetwork::hand_over(ConnectionId id, openflow::Channel channel,
                                std::vector<openflow::Event> events) {
  const auto datapath = std::get<openflow::Connected>(events.front()).datapath_id;
  const auto spec = std::ranges::find(topology_.switches, datapath, &SwitchSpec::datapath_id);
  if (spec == topology_.switches.end()) {
    const bool is_told = refused_.size() >= kMaxRefused || !refused_.insert(datapath).second;
    if (!is_told) {
      notice(Severity::kWarning,
             fmt::format("refused a switch that is not configured: datapath {:016x}", datapath));
    }
    return;
  }
  const auto at = static_cast<SwitchIndex>(spec - topology_.switches.begin());
  const bool is_back = !members_[at]->connection;
  drop(at);
  members_[at]->connection = id;
  links_.connected(at);
  notice(Severity::kNote,
         fmt::format("switch {} is {}", spec->name, is_back ? "connected" : "connected anew"));
  members_[at]->fabric.take_over(std::move(channel), std::move(events));
  next_probe_ = now_;
}

void OpenFlowNetwork::drop(SwitchIndex at) {
  if (!members_[at]->connection) return;
  members_[at]->connection.reset();
  links_.disconnected(at);
  members_[at]->fabric.disconnected();
}

void OpenFlowNetwork::disconnected(ConnectionId id) {
  arriving_.erase(id);
  for (SwitchIndex at = 0; at < members_.size(); ++at) {
    if (members_[at]->connection != id) continue;
    drop(at);
    notice(Severity::kWarning,
           fmt::format("switch {} is gone: it forwards as it did", topology_.switches[at].name));
  }
  check_links();
}

std::vector<std::byte> OpenFlowNetwork::take_output(ConnectionId id) {
  if (Member* member = member_of(id)) return member->fabric.take_output();
  const auto found = arriving_.find(id);
  return found == arriving_.end() ? std::vector<std::byte>{} : found->second.take_output();
}

// Those that are refused or replaced are known no more.
bool OpenFlowNetwork::wants_close(ConnectionId id) const {
  if (const Member* member = member_of(id)) return member->fabric.wants_close();
  const auto found = arriving_.find(id);
  return found == arriving_.end() || found->second.is_closed();
}

void OpenFlowNetwork::tick(Time now) {
  now_ = std::max(now_, now);
  for (auto& [id, channel] : arriving_) channel.tick(now);
  for (const auto& member : members_) member->fabric.tick(now);
  if (now_ >= next_probe_) {
    send_probes();
    next_probe_ = now_ + kProbeEvery;
  }
  check_links();
  if (on_output) on_output();
}

std::optional<OpenFlowNetwork::Time> OpenFlowNetwork::deadline() const {
  std::optional<Time> next;
  const auto by = [&next](std::optional<Time> time) {
    if (time && (!next || *time < *next)) next = time;
  };
  for (const auto& [id, channel] : arriving_) by(channel.deadline());
  for (const auto& member : members_) {
    by(member->fabric.deadline());
    if (member->connection) by(next_probe_);
  }
  return next;
}

void OpenFlowNetwork::send_probes() {
  for (SwitchIndex at = 0; at < members_.size(); ++at) {
    if (!members_[at]->connection) continue;
    for (const net::PortNo port : links_.ports(at)) {
      const LinkProbe probe{.datapath_id = topology_.switches[at].datapath_id, .port = port};
      members_[at]->fabric.send_frame(members_[at]->ports.from_switch(port), encode_probe(probe));
      links_.on_probe_sent(at, port);
    }
  }
}

void OpenFlowNetwork::check_links() {
  auto down = links_.down();
  auto silent = links_.silent();
  if (down == down_ && silent == silent_) return;
  const auto down_before = std::exchange(down_, std::move(down));
  const auto silent_before = std::exchange(silent_, std::move(silent));
  for (LinkIndex link = 0; link < topology_.links.size(); ++link) {
    const bool was_down = down_before.contains(link);
    const bool was_silent = silent_before.contains(link);
    if (was_down == down_.contains(link) && was_silent == silent_.contains(link)) continue;
    note_link(link);
  }
  const Paths paths(topology_, down_, silent_);
  for (const auto& member : members_) member->fabric.use(topology_, paths);
}

void OpenFlowNetwork::note_link(LinkIndex link) const {
  const std::string name = describe(topology_, link);
  const std::string why = links_.fault(link);
  if (why.empty()) return notice(Severity::kNote, fmt::format("link {} is used again", name));
  notice(Severity::kWarning, fmt::format("link {} is {}: {}", name,
                                         down_.contains(link) ? "not used" : "avoided", why));
}

void OpenFlowNetwork::notice(Severity severity, const std::string& text) const {
  if (on_notice) on_notice(severity, text);
}

void OpenFlowNetwork::report(const std::string& text) const {
  if (on_event) on_event(text);
}

}  // namespace fabrix::fabric
