#include "agent/host_agent.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <net/if_arp.h>

#include "agent/agent_address.h"
#include "agent/host_reader.h"
#include "io/log.h"

namespace fabrix::agent {
namespace {

using std::chrono::seconds;

constexpr std::string_view kComponent = "agent";

sflow::Interface interface_of(std::uint32_t index) {
  return {.format = static_cast<std::uint32_t>(sflow::Interface::Format::kIndex), .value = index};
}

constexpr std::uint32_t low_half(std::uint64_t count) {
  return static_cast<std::uint32_t>(count & 0xffffffffU);
}

// None: of frames that sFlow has no name for.
std::optional<sflow::HeaderProtocol> protocol_of(std::uint16_t type, sflow::Bytes header) {
  if (type == ARPHRD_ETHER || type == ARPHRD_LOOPBACK) return sflow::HeaderProtocol::kEthernet;
  const auto version = header.empty() ? 0U : std::to_integer<unsigned>(header[0]) >> 4U;
  if (version == 4) return sflow::HeaderProtocol::kIpv4;
  if (version == 6) return sflow::HeaderProtocol::kIpv6;
  return std::nullopt;
}

// Whether the MAC at this place of the frame is the interface's: then the other side is the host.
bool has_mac(sflow::Bytes header, std::size_t at, const net::MacAddress& mac) {
  return header.size() >= at + 6 &&
         std::ranges::equal(header.subspan(at, 6), std::as_bytes(std::span(mac.octets())));
}

// IANAifType.
std::uint32_t type_of(std::uint16_t type) {
  constexpr std::uint32_t kOther = 1;
  constexpr std::uint32_t kEthernet = 6;
  constexpr std::uint32_t kLoopback = 24;
  if (type == ARPHRD_ETHER) return kEthernet;
  return type == ARPHRD_LOOPBACK ? kLoopback : kOther;
}

sflow::InterfaceCounters counters_of(const io::LinkStatistics& link, const io::LinkSpeed& speed) {
  // Frames for everybody are among the multicast ones.
  const std::uint64_t unicast = link.in.packets - std::min(link.in.packets, link.in_multicast);
  return {.index = link.link.index,
          .is_up = link.link.up && link.link.carrier,
          .in_octets = link.in.octets,
          .in_packets = low_half(unicast),
          .in_discards = low_half(link.in.dropped),
          .out_octets = link.out.octets,
          .out_packets = low_half(link.out.packets),
          .is_wanted_up = link.link.up,
          .type = type_of(link.type),
          .speed = speed.bits_a_second,
          .direction = static_cast<std::uint32_t>(speed.duplex),
          .in_multicast = low_half(link.in_multicast),
          .in_errors = low_half(link.in.errors),
          .out_discards = low_half(link.out.dropped),
          .out_errors = low_half(link.out.errors),
          .is_promiscuous = link.is_promiscuous};
}

}  // namespace

HostAgent::HostAgent(io::EventLoop& loop, host::Config config, net::IpAddress address,
                     io::NetlinkSocket netlink)
    : config_(std::move(config)),
      address_(address),
      agent_(address, config_.datagram_bytes, config_.sub_agent),
      netlink_(std::move(netlink)),
      names_(read_names(config_)),
      flush_(loop,
             [this] {
               agent_.flush();
               send_done();
             }),
      tick_(loop,
            [this] {
              tick_.start(seconds(1));
              tick();
            }),
      settle_(loop,
              [this] {
                const auto followed = follow_links();
                if (!followed) io::log_warning(kComponent, followed.error().message);
              }),
      started_(io::EventLoop::now()) {}

HostAgent::~HostAgent() {
  agent_.flush();
  send_done();
}

Result<std::unique_ptr<HostAgent>> HostAgent::start(io::EventLoop& loop, host::Config config) {
  FABRIX_TRY(auto netlink, io::NetlinkSocket::open());
  FABRIX_TRY(const auto addresses, io::list_addresses(netlink));
  FABRIX_TRY(const auto address, agent_address(config, addresses));
  std::unique_ptr<HostAgent> made;
  // tidy: the constructor is private, which make_unique cannot reach
  made.reset(new HostAgent(loop, std::move(config), address, std::move(netlink)));
  if (const auto opened = made->open(loop); !opened) return fail(opened.error());
  return made;
}

Result<void> HostAgent::open(io::EventLoop& loop) {
  for (const host::Collector& collector : config_.collectors) {
    FABRIX_TRY(auto sender, CollectorSender::open(loop, collector));
    senders_.push_back(std::move(sender));
  }
  if (config_.tcp) {
    FABRIX_TRY(tcp_, TcpLookup::open());
  }
  if (!config_.sampled.empty()) {
    auto started = PacketSampler::start(loop, [this](const SampledFrame& frame) { take(frame); });
    if (!started) {
      return fail(Error{started.error().message +
                        " (sampling needs root, or CAP_BPF and CAP_NET_ADMIN, and Linux 5.8)"});
    }
    sampler_ = *std::move(started);
  }
  counts_nodes_ = config_.services || config_.containers;
  FABRIX_TRY(watch_, io::LinkWatch::start(loop, [this] {
               if (!settle_.is_running()) settle_.start(kSettleLinks);
             }));
  if (auto followed = follow_links(); !followed) return followed;
  tell_missing();
  tick_.start(seconds(0));
  return {};
}

// Interfaces as they are now, those that are wanted sampled. Fails after all that could be done.
Result<void> HostAgent::follow_links() {
  FABRIX_TRY(auto links, io::list_link_statistics(netlink_));
  Result<void> done;
  std::map<std::uint32_t, Interface> now;
  for (io::LinkStatistics& link : links) {
    const std::uint32_t index = link.link.index;
    const auto before = interfaces_.extract(index);
    Interface interface = before.empty() ? Interface() : std::move(before.mapped());
    interface.is = std::move(link);
    interface.speed = io::link_speed(interface.is.link.name);
    auto sampled = sample(interface);
    if (!sampled) done = std::move(sampled);
    now.emplace(index, std::move(interface));
  }
  if (sampler_) {
    for (const auto& [index, gone] : interfaces_) sampler_->leave(index);
  }
  interfaces_ = std::move(now);
  return done;
}

const host::Sampled* HostAgent::wanted(const Interface& interface) const {
  const auto found = std::ranges::find_if(config_.sampled, [&](const host::Sampled& sampled) {
    if (!sampled.device.empty()) return sampled.device == interface.is.link.name;
    const std::uint64_t speed = interface.speed.bits_a_second;
    return speed != 0 && speed >= sampled.speed.lowest && speed <= sampled.speed.highest;
  });
  return found == config_.sampled.end() ? nullptr : &*found;
}

Result<void> HostAgent::sample(Interface& interface) {
  if (!sampler_) return {};
  const std::uint32_t index = interface.is.link.index;
  const host::Sampled* const how = wanted(interface);
  const std::uint32_t rate =
      how != nullptr ? host::sampling_rate(config_, *how, interface.speed.bits_a_second) : 0;
  if (rate == 0) {
    interface.sampling.reset();
    sampler_->leave(index);
    return {};
  }
  auto direction = how->direction.value_or(config_.direction);
  // What goes out there comes in again: once is enough.
  if (interface.is.is_loopback && direction == host::Direction::kBoth) {
    direction = host::Direction::kIn;
  }
  const Sampling sampling{.rate = rate, .header = config_.header_bytes, .direction = direction};
  if (how->promiscuous && !interface.is.is_promiscuous) {
    auto set = io::set_link_promiscuous(netlink_, interface.is.link.name);
    if (!set) return set;
  }
  auto sampled = sampler_->sample(index, sampling);
  if (!sampled) return sampled;
  interface.sampling = sampling;
  return {};
}

void HostAgent::tell_missing() const {
  for (const host::Sampled& sampled : config_.sampled) {
    const bool is_there =
        sampled.device.empty() || std::ranges::any_of(interfaces_, [&](const auto& entry) {
          return entry.second.is.link.name == sampled.device;
        });
    if (is_there) continue;
    io::log_warning(kComponent, fmt::format("there is no interface {} yet: it is sampled once it "
                                            "is there",
                                            sampled.device));
  }
}

std::vector<std::string> HostAgent::sampled() const {
  std::vector<std::string> texts;
  for (const auto& [index, interface] : interfaces_) {
    if (!interface.sampling) continue;
    texts.push_back(fmt::format("{} 1:{}", interface.is.link.name, interface.sampling->rate));
  }
  return texts;
}

HostAgent::Counts HostAgent::counts() const {
  Counts counts = counts_;
  for (const auto& [index, interface] : interfaces_) counts.lost += interface.lost;
  return counts;
}

std::uint32_t HostAgent::uptime() const {
  const auto passed =
      std::chrono::duration_cast<std::chrono::milliseconds>(io::EventLoop::now() - started_);
  return low_half(static_cast<std::uint64_t>(passed.count()));
}

void HostAgent::take(const SampledFrame& frame) {
  const auto found = interfaces_.find(frame.interface);
  if (found == interfaces_.end()) return;
  Interface& interface = found->second;
  interface.lost = frame.drops;
  const auto header =
      frame.header.first(std::min<std::size_t>(frame.header.size(), config_.header_bytes));
  const auto protocol = protocol_of(interface.is.type, header);
  if (!protocol) return;
  const bool is_received = frame.way == host::Way::kReceived;
  const bool is_ours = interface.is.is_loopback || *protocol != sflow::HeaderProtocol::kEthernet ||
                       has_mac(header, is_received ? 0 : 6, interface.is.link.mac);
  const auto here = interface_of(frame.interface);
  const auto there = interface_of(is_ours ? sflow::Interface::kInternal : 0);
  const auto tcp = tcp_of(frame, *protocol);
  sflow::PacketSample sample{.source = frame.interface,
                             .input = is_received ? here : there,
                             .output = is_received ? there : here,
                             .rate = frame.rate,
                             .pool = frame.pool,
                             .drops = frame.drops,
                             .frame_length = frame.length,
                             .header = header,
                             .protocol = *protocol,
                             .records = {}};
  if (tcp) sample.records = std::span(&*tcp, 1);
  if (!agent_.has_begun()) flush_.start(kFlushAfter);
  for (std::uint32_t i = 0; i < frame.times; ++i) agent_.add(sample, uptime());
  counts_.samples += frame.times;
  send_done();
}

std::optional<sflow::Record> HostAgent::tcp_of(const SampledFrame& frame,
                                               sflow::HeaderProtocol protocol) {
  if (!tcp_ || lookups_ >= kTcpLookups) return std::nullopt;
  const auto connection = host::connection_of(protocol, frame.header, frame.way);
  if (!connection) return std::nullopt;
  ++lookups_;
  const auto state = tcp_->find(*connection, frame.interface);
  if (!state) return std::nullopt;
  return host::tcp_record(*state, frame.way);
}

// Once a second.
void HostAgent::tick() {
  lookups_ = 0;
  if (config_.polling_seconds == 0) return;
  turn_ = static_cast<std::uint32_t>(seconds_++ % config_.polling_seconds);
  if (turn_ == 0) list_nodes();
  count_interfaces();
  if (turn_ == 0) count_host();
  count_nodes();
  send_done();
}

void HostAgent::add(const sflow::SourceId& source, const std::vector<sflow::Record>& records) {
  if (!agent_.has_begun()) flush_.start(kFlushAfter);
  agent_.add(source, records, uptime());
}

void HostAgent::count_interfaces() {
  // The host's counters are of all.
  const bool is_anything_due =
      turn_ == 0 ||
      std::ranges::any_of(interfaces_, [this](const auto& entry) { return is_due(entry.first); });
  if (!is_anything_due) return;
  const auto links = io::list_link_statistics(netlink_);
  if (!links) return io::log_warning(kComponent, links.error().message);
  for (const io::LinkStatistics& link : *links) {
    const auto known = interfaces_.find(link.link.index);
    if (known == interfaces_.end()) continue;  // the news of it are on their way
    known->second.is = link;
    const bool is_told = !link.is_loopback || known->second.sampling.has_value();
    if (!is_told || !is_due(link.link.index)) continue;
    known->second.speed = io::link_speed(link.link.name);
    add({.type = 0, .index = link.link.index},
        {sflow::interface_record(counters_of(link, known->second.speed)),
         host::port_name_record(link.link.name)});
  }
}

// Traffic of hardware; where there is none, as in a container, of all but the loopback: what goes
// through a bridge or a tunnel goes through hardware too.
void HostAgent::count_host() {
  const auto is_hardware = [](const auto& entry) {
    return entry.second.is.link.kind.empty() && !entry.second.is.is_loopback;
  };
  const bool has_hardware = std::ranges::any_of(interfaces_, is_hardware);
  HostReading reading{.names = names_, .adapters = {}, .network = {}, .nodes = nodes_.size()};
  for (const auto& entry : interfaces_) {
    const io::LinkStatistics& is = entry.second.is;
    if (is.is_loopback) continue;
    if (is.link.mac != net::MacAddress()) {
      reading.adapters.push_back({.index = is.link.index, .mac = is.link.mac});
    }
    if (has_hardware && !is_hardware(entry)) continue;
    reading.network.in_octets += is.in.octets;
    reading.network.in_packets += is.in.packets;
    reading.network.in_errors += is.in.errors;
    reading.network.in_drops += is.in.dropped;
    reading.network.out_octets += is.out.octets;
    reading.network.out_packets += is.out.packets;
    reading.network.out_errors += is.out.errors;
    reading.network.out_drops += is.out.dropped;
  }
  add({.type = 2, .index = 1}, read_host(reading));
}

void HostAgent::list_nodes() {
  if (!counts_nodes_) return;
  auto listed = list_cgroups(config_.cgroup);
  if (!listed) {
    counts_nodes_ = false;
    return io::log_warning(kComponent, listed.error().message);
  }
  nodes_ = *std::move(listed);
  std::erase_if(nodes_, [this](const auto& entry) {
    const bool is_service = entry.second.kind == host::VirtualNode::Kind::kService;
    return is_service ? !config_.services : !config_.containers;
  });
  for (const auto& [path, node] : nodes_) {
    if (node_indices_.size() >= kMaxNodes) break;
    const auto next = kFirstNode + static_cast<std::uint32_t>(node_indices_.size());
    node_indices_.try_emplace(node, next);
  }
}

void HostAgent::count_nodes() {
  if (nodes_.empty()) return;
  const host::HostSize size = read_size();
  for (const auto& [path, node] : nodes_) {
    const auto index = node_indices_.find(node);
    if (index == node_indices_.end() || !is_due(index->second)) continue;
    add({.type = 3, .index = index->second},
        host::node_records(node, names_.uuid, read_cgroup(config_.cgroup, path), size));
  }
}

void HostAgent::send_done() {
  for (const auto& datagram : agent_.take()) {
    for (const auto& sender : senders_) {
      ++(sender->send(datagram) ? counts_.datagrams : counts_.unsent);
    }
  }
}

}  // namespace fabrix::agent
