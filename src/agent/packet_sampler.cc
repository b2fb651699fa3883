#include "agent/packet_sampler.h"

#include <algorithm>
#include <array>
#include <string>

#include "agent/sampler_layout.h"
#include "agent/sampler_object.h"
#include "io/sample_record.h"
#include "sflow/header_layers.h"
#include "sflow/xdr.h"

namespace fabrix::agent {
namespace {

using io::BpfMap;

constexpr std::size_t kTag = 4;

static_assert(host::Config::kMaxRate == std::uint32_t{FABRIX_AGENT_MAX_RATE});

std::uint32_t headers_of(std::span<const std::byte> header) {
  using sflow::LayerKind;
  constexpr std::uint32_t kUdpHeader = 8;
  constexpr std::size_t kDataOffset = 12;  // RFC 9293 §3.1, of words
  const sflow::HeaderLayers layers(static_cast<std::uint32_t>(sflow::HeaderProtocol::kEthernet),
                                   header);
  const sflow::Layer* transport = nullptr;
  for (const sflow::Layer& layer : layers.layers()) {
    if (layer.kind == LayerKind::kTcp || layer.kind == LayerKind::kUdp) transport = &layer;
  }
  if (transport == nullptr) return 0;
  if (transport->kind == LayerKind::kUdp) return transport->offset + kUdpHeader;
  const auto tcp = layers.octets(*transport);
  constexpr std::uint32_t kUsual = 20;
  const std::uint32_t size = tcp.size() > kDataOffset
                                 ? std::to_integer<std::uint32_t>(tcp[kDataOffset]) >> 4U << 2U
                                 : kUsual;
  return transport->offset + std::max(size, kUsual);
}

}  // namespace

std::uint32_t frame_length(std::uint32_t octets, std::uint32_t segments,
                           std::span<const std::byte> header) {
  if (segments < 2) return octets;
  const std::uint64_t all = octets + std::uint64_t{segments - 1} * headers_of(header);
  return static_cast<std::uint32_t>((all + segments / 2) / segments);
}

PacketSampler::~PacketSampler() = default;

Result<std::unique_ptr<PacketSampler>> PacketSampler::start(io::EventLoop& loop, OnFrame on_frame) {
  // tidy: the constructor is private, which make_unique cannot reach
  std::unique_ptr<PacketSampler> made(new PacketSampler(std::move(on_frame)));
  FABRIX_TRY(made->object_, io::BpfObject::load(sampler_object(), ""));
  const auto take = [&sampler = *made](std::span<const std::byte> record) { sampler.take(record); };
  FABRIX_TRY(made->ring_, io::BpfRing::watch(loop, made->object_.maps.at("samples"), take));
  return made;
}

Result<std::uint32_t> PacketSampler::free_place(std::uint32_t interface) const {
  for (std::uint32_t i = 0; i < FABRIX_AGENT_PROBES; ++i) {
    const std::uint32_t place = (interface + i) % FABRIX_AGENT_PLACES;
    const bool is_taken = std::ranges::any_of(
        places_, [&](const auto& entry) { return entry.second.place == place; });
    if (!is_taken) return place;
  }
  return fail(Error{"interface " + std::to_string(interface) + ": too many are sampled"});
}

Result<void> PacketSampler::write(std::uint32_t interface, const Place& place) const {
  const fabrix_agent_interface value{
      .index = interface, .rate = place.how.rate, .header = place.how.header, .unused = 0};
  return object_.maps.at("interfaces").put_value(place.place, value);
}

Result<void> PacketSampler::hook(std::uint32_t interface, Place& place) const {
  using host::Direction;
  using io::BpfHook;
  if (place.how.direction != Direction::kOut) {
    FABRIX_TRY(auto in,
               BpfHook::attach(object_.programs.at("sample_in"), interface, io::TcHook::kIngress));
    place.hooks.push_back(std::move(in));
  }
  if (place.how.direction != Direction::kIn) {
    FABRIX_TRY(auto out,
               BpfHook::attach(object_.programs.at("sample_out"), interface, io::TcHook::kEgress));
    place.hooks.push_back(std::move(out));
  }
  return {};
}

// The next interface at the place begins to count anew.
void PacketSampler::clear(Place& place) const {
  place.hooks.clear();
  (void)object_.maps.at("interfaces").put_value(place.place, fabrix_agent_interface{});
  const std::vector<fabrix_agent_sampler> none(io::possible_cpus());
  (void)object_.maps.at("samplers")
      .put(BpfMap::octets_of(place.place), std::as_bytes(std::span(none)));
}

Result<void> PacketSampler::sample(std::uint32_t interface, const Sampling& how) {
  const auto found = places_.find(interface);
  if (found != places_.end() && found->second.how == how) return {};
  if (found != places_.end() && found->second.how.direction == how.direction) {
    found->second.how = how;
    return write(interface, found->second);
  }
  leave(interface);
  Place place{.place = 0,
              .how = how,
              .hooks = {},
              .pools = std::vector<std::uint64_t>(io::possible_cpus()),
              .drops = std::vector<std::uint64_t>(io::possible_cpus())};
  FABRIX_TRY(place.place, free_place(interface));
  auto done = write(interface, place);
  if (done) done = hook(interface, place);
  if (!done) {
    clear(place);
    return done;
  }
  places_.emplace(interface, std::move(place));
  return {};
}

void PacketSampler::leave(std::uint32_t interface) {
  const auto found = places_.find(interface);
  if (found == places_.end()) return;
  clear(found->second);
  places_.erase(found);
}

void PacketSampler::take(std::span<const std::byte> record) {
  if (record.size() < sizeof(fabrix_agent_sample)) return;
  const auto is = BpfMap::read_as<fabrix_agent_sample>(record, 0);
  const auto found = places_.find(is.interface);
  // One that was taken before its interface was left.
  if (found == places_.end() || found->second.place != is.place) return;
  if (is.size > FABRIX_AGENT_HEADER || is.cpu >= io::possible_cpus()) return;
  Place& place = found->second;
  place.pools.at(is.cpu) = is.pool;
  place.drops.at(is.cpu) = is.drops;
  // At most as many octets as without the tag, if those were all that there was room for.
  std::array<std::byte, FABRIX_AGENT_HEADER> header{};
  const auto room = std::span(header).first(is.size == is.octets ? header.size() : is.size);
  const std::size_t size =
      io::put_tag_back(std::as_bytes(std::span(is.header)).first(is.size), is.tag, room);
  const auto octets = std::span<const std::byte>(header).first(size);
  const std::uint32_t tag = is.tag == 0 ? 0 : std::uint32_t{kTag};
  on_frame_({.interface = is.interface,
             .way = is.direction == FABRIX_AGENT_IN ? host::Way::kReceived : host::Way::kSent,
             .rate = is.rate,
             .times = is.times,
             .pool = io::sum_of_cpus(place.pools),
             .drops = io::sum_of_cpus(place.drops),
             .length = frame_length(is.octets + tag, is.segments, octets),
             .header = octets});
}

}  // namespace fabrix::agent
