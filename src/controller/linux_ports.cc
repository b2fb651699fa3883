#include "controller/linux_ports.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "controller/linux_pins.h"
#include "controller/linux_port_maps.h"
#include "io/bpf_program.h"
#include "io/log.h"
#include "io/offload.h"
#include "io/quiet_link.h"
#include "io/xdp_features.h"

namespace fabrix::controller {

using exchange::FabricAttach;

Result<LinuxPorts> LinuxPorts::open(LinuxDatapath& datapath, std::string directory) {
  FABRIX_TRY(auto netlink, io::NetlinkSocket::open());
  FABRIX_TRY(auto generic, io::NetlinkSocket::open_generic());
  return LinuxPorts(datapath, std::move(directory), std::move(netlink), std::move(generic));
}

std::string LinuxPorts::pin_of(net::PortNo port) const {
  return directory_ + "/" + linux_port_pin(port.value);
}

std::string LinuxPorts::xdp_pin_of(net::PortNo port) const {
  return directory_ + "/" + linux_xdp_pin(port.value);
}

// That it had in a process before this one, if no other port has it now.
std::optional<std::uint32_t> LinuxPorts::slot_before(net::PortNo port) const {
  const auto out = port_out(*datapath_, port.value);
  if (!out || !*out || (*out)->slot >= FABRIX_MAX_PORTS) return std::nullopt;
  const auto slot = static_cast<std::uint32_t>((*out)->slot);
  return slots_.contains(slot) ? std::nullopt : std::optional(slot);
}

// With what its slot counted before, or a new one that begins at 0.
Result<std::uint32_t> LinuxPorts::slot_for(net::PortNo port) const {
  if (const auto before = slot_before(port)) return *before;
  std::uint32_t slot = 0;  // the least
  for (const std::uint32_t taken : slots_) {
    if (taken != slot) break;
    ++slot;
  }
  const std::vector<fabrix_port_counts> counts(io::possible_cpus());
  const std::vector<fabrix_sampler> samplers(io::possible_cpus());
  const auto key = io::BpfMap::octets_of(slot);
  auto done = datapath_->map("port_counts").put(key, std::as_bytes(std::span(counts)));
  if (done) done = datapath_->map("samplers").put(key, std::as_bytes(std::span(samplers)));
  if (!done) return fail(done.error());
  return slot;
}

// Of a port that is there. What comes first has the old tag, or is dropped.
Result<void> LinuxPorts::set_vlan(const LinuxPort& port) {
  Attached& attached = ports_.at(port.port);
  if (std::exchange(attached.vlan, port.vlan) == port.vlan || attached.index == 0) return {};
  return put_maps(place_of(port.port, attached));
}

Result<void> LinuxPorts::add(const LinuxPort& port) {
  const auto known = ports_.find(port.port);
  if (known != ports_.end()) {
    known->second.wanted = port.attach;
    return set_vlan(port);
  }
  FABRIX_TRY(const auto slot, slot_for(port.port));
  Attached& attached = ports_[port.port];
  attached.wanted = port.attach;
  attached.interface = port.interface;
  attached.vlan = port.vlan;
  attached.slot = slot;
  slots_.insert(slot);
  return {};
}

// First those that have a slot: none of the others gets it.
Result<void> LinuxPorts::add_all(const std::vector<LinuxPort>& ports) {
  for (const LinuxPort& port : ports) {
    if (!slot_before(port.port)) continue;
    if (auto done = add(port); !done) return done;
  }
  for (const LinuxPort& port : ports) {
    if (auto done = add(port); !done) return done;
  }
  return {};
}

Result<void> LinuxPorts::set(const std::vector<LinuxPort>& ports) {
  if (ports.size() > FABRIX_MAX_PORTS) {
    return fail(Error{fmt::format("{} ports; the Linux fabric has room for {}", ports.size(),
                                  static_cast<int>(FABRIX_MAX_PORTS))});
  }
  std::map<net::PortNo, bool> were_up;  // what the listener was told last
  for (const auto& [port, attached] : ports_) were_up.emplace(port, attached.up);
  std::map<net::PortNo, std::string_view> wanted;
  for (const LinuxPort& port : ports) wanted.emplace(port.port, port.interface);
  for (auto each = ports_.begin(); each != ports_.end();) {
    const auto found = wanted.find(each->first);
    if (found != wanted.end() && found->second == each->second.interface) {
      ++each;
      continue;
    }
    if (auto done = detach(each->first, each->second); !done) return done;
    slots_.erase(each->second.slot);
    each = ports_.erase(each);
  }
  if (auto done = add_all(ports); !done) return done;
  for (auto& [port, attached] : ports_) {
    const auto before = were_up.find(port);
    if (before != were_up.end()) attached.up = before->second;
  }
  if (auto done = look({}); !done) return done;
  return drop_foreign();
}

// Of what a process before this one left, all that is not of these ports.
Result<void> LinuxPorts::drop_foreign() {
  std::set<std::uint32_t> interfaces;
  std::set<std::uint32_t> numbers;
  std::set<std::string> pins;
  for (const auto& [port, attached] : ports_) {
    interfaces.insert(attached.index);
    numbers.insert(port.value);
    pins.insert(pin_of(port));
    if (attached.xdp_link.valid()) pins.insert(xdp_pin_of(port));
  }
  auto done = keep_ports(*datapath_, interfaces, numbers);
  if (!done || directory_.empty()) return done;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    if (!is_linux_port_pin(entry.path().filename().string()) ||
        pins.contains(entry.path().string()))
      continue;
    const auto link = io::open_pinned(entry.path().string());
    if (link) (void)io::detach(*link);
    std::error_code ignored;
    std::filesystem::remove(entry.path(), ignored);
  }
  return {};
}

Result<std::uint32_t> LinuxPorts::sampling_rate(net::PortNo port, std::uint32_t interface) const {
  if (rates_) {
    const auto found = rates_->find(port);
    return found == rates_->end() ? 0U : found->second;
  }
  FABRIX_TRY(const auto before, port_in(*datapath_, interface));
  return before && before->port == port.value ? before->sample_rate : 0U;
}

Result<void> LinuxPorts::set_sampling(const fabric::SamplingRates& rates) {
  rates_ = rates;
  for (auto& [port, attached] : ports_) {
    if (attached.index == 0) continue;
    FABRIX_TRY(auto in, port_in(*datapath_, attached.index));
    FABRIX_TRY(const auto rate, sampling_rate(port, attached.index));
    attached.sample_rate = rate;
    if (!in || in->sample_rate == rate) continue;
    in->sample_rate = rate;
    if (auto done = put_port_in(*datapath_, attached.index, *in); !done) return done;
  }
  return {};
}

LinuxPortPlace LinuxPorts::place_of(net::PortNo port, const Attached& attached) {
  return {.port = port.value,
          .interface = attached.index,
          .slot = attached.slot,
          .flags = attached.flags,
          .vlan = attached.vlan,
          .sample_rate = attached.sample_rate,
          .link = attached.link.get(),
          .xdp_link = attached.xdp_link.get()};
}

Result<void> LinuxPorts::put_maps(const LinuxPortPlace& port) {
  auto done = put_port_in(*datapath_, port.interface, in_of(port));
  if (done) done = put_port_out(*datapath_, port.port, out_of(port));
  return done;
}

// With the link that a process before this one pinned, if there is one.
Result<io::FileDescriptor> LinuxPorts::tie(const std::string& pin, std::uint32_t interface,
                                           io::BpfKind kind) const {
  const bool at_xdp = kind == io::BpfKind::kXdp;
  const io::FileDescriptor& entrance = at_xdp ? datapath_->xdp_entrance() : datapath_->entrance();
  if (!directory_.empty()) {
    auto pinned = io::open_pinned(pin);
    const auto index = pinned ? io::interface_of(*pinned) : Result<std::uint32_t>(0);
    if (index && *index == interface) {
      const auto done = io::replace_program(*pinned, entrance);
      if (!done) return fail(done.error());
      return pinned;
    }
  }
  FABRIX_TRY(auto link, at_xdp ? io::attach_to_xdp(entrance, interface, io::XdpMode::kDriver)
                               : io::attach_to_ingress(entrance, interface));
  if (directory_.empty()) return link;
  if (const auto done = io::pin(link.get(), pin); !done) return fail(done.error());
  return link;
}

// At XDP, where it can be: a port whose frames have tags is tc's. What keeps it from there is worth
// a line, once.
void LinuxPorts::follow_xdp(net::PortNo port, Attached& attached, const io::Link& link) {
  if (attached.wanted != FabricAttach::kXdp || attached.vlan != 0) {
    attached.xdp_refusal.clear();
    return leave_xdp(port, attached);
  }
  if (attached.xdp_link.valid()) return;
  Result<void> done;
  if (link.kind != "veth") done = io::keep_tags_in_frames(link.name);
  if (done) {
    auto tied = tie(xdp_pin_of(port), attached.index, io::BpfKind::kXdp);
    if (tied) {
      attached.xdp_link = *std::move(tied);
    } else {
      done = fail(tied.error());
    }
  }
  const std::string refusal = done ? "" : done.error().message;
  if (std::exchange(attached.xdp_refusal, refusal) == refusal || done) return;
  io::log(io::LogLevel::kWarning, "fabric",
          fmt::format("port stays at tc port={} interface={} reason=\"{}\"", port.value,
                      attached.interface, refusal));
}

void LinuxPorts::leave_xdp(net::PortNo port, Attached& attached) const {
  if (!attached.xdp_link.valid()) return;
  (void)io::detach(attached.xdp_link);
  attached.xdp_link.close();
  if (directory_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove(xdp_pin_of(port), ignored);
}

Result<void> LinuxPorts::choose_ways_out() {
  constexpr std::uint32_t kUsualMtu = 1500;
  std::set<std::uint32_t> senders;
  if (datapath_->attached() == FabricAttach::kXdp) {
    FABRIX_TRY(senders, io::list_xdp_senders(generic_));
  }
  for (auto& [port, attached] : ports_) {
    if (attached.index == 0) continue;
    const bool may = attached.wanted == FabricAttach::kXdp && senders.contains(attached.index) &&
                     attached.mtu >= kUsualMtu;
    const int flags = (attached.flags & ~FABRIX_OUT_XDP) | (may ? FABRIX_OUT_XDP : 0);
    if (attached.flags == flags) continue;
    attached.flags = static_cast<std::uint16_t>(flags);
    if (auto done = put_maps(place_of(port, attached)); !done) return done;
  }
  return {};
}

Result<void> LinuxPorts::attach(net::PortNo port, Attached& attached, const io::Link& link) {
  if (attached.index != 0) {
    if (auto done = drop_port_in(*datapath_, attached.index); !done) return done;
  }
  attached.index = link.index;
  // Into the namespace at the other end at once, where there is one (bpf_redirect_peer()).
  const bool peer = link.kind == "veth" && link.leads_away;
  attached.flags = peer ? std::uint16_t{FABRIX_OUT_PEER} : std::uint16_t{0};
  FABRIX_TRY(attached.sample_rate, sampling_rate(port, link.index));
  if (auto done = put_maps(place_of(port, attached)); !done) return done;
  if (const auto quiet = io::quiet_link(link.name); !quiet) {
    io::log(io::LogLevel::kWarning, "fabric",
            fmt::format("the kernel may send frames of its own port={} interface={} reason=\"{}\"",
                        port.value, link.name, quiet.error().message));
  }
  if (link.kind != "veth") {
    if (auto done = io::set_link_promiscuous(netlink_, link.name); !done) return done;
  }
  leave_xdp(port, attached);  // of the interface before it
  FABRIX_TRY(attached.link, tie(pin_of(port), link.index, io::BpfKind::kTc));
  return {};
}

Result<void> LinuxPorts::detach(net::PortNo port, Attached& attached) {
  leave_xdp(port, attached);
  // Without success where the interface is gone.
  if (attached.link.valid()) (void)io::detach(attached.link);
  attached.link.close();
  if (!directory_.empty()) {
    std::error_code ignored;
    std::filesystem::remove(pin_of(port), ignored);
  }
  auto done = drop_port_out(*datapath_, port.value);
  if (done && attached.index != 0) done = drop_port_in(*datapath_, attached.index);
  attached.index = 0;
  return done;
}

// The interface of a port may be another than before, or gone.
Result<void> LinuxPorts::follow(net::PortNo port, Attached& attached, const io::Link* link) {
  Result<void> done;
  if (link == nullptr && attached.index != 0) done = detach(port, attached);
  if (link != nullptr && attached.index != link->index) done = attach(port, attached, *link);
  if (!done && link != nullptr) attached.index = 0;  // to be tried again
  if (done && link != nullptr) {
    attached.mtu = link->mtu;
    follow_xdp(port, attached, *link);
  }
  return done;
}

Result<void> LinuxPorts::look(const OnPort& on_port) {
  FABRIX_TRY(const auto links, io::list_links(netlink_));
  std::unordered_map<std::string_view, const io::Link*> by_name;
  for (const io::Link& each : links) by_name.emplace(each.name, &each);
  Result<void> outcome;
  for (auto& [port, attached] : ports_) {
    const auto found = by_name.find(attached.interface);
    const io::Link* link = found == by_name.end() ? nullptr : found->second;
    const auto done = follow(port, attached, link);
    if (!done) {
      outcome = fail(Error{fmt::format("port {}, interface {}: {}", port.value, attached.interface,
                                       done.error().message)});
    }
    const bool up = done && link != nullptr && link->up && link->carrier;
    if (!on_port || up == attached.up) continue;
    attached.up = up;
    on_port(port, up);
  }
  if (outcome) outcome = choose_ways_out();
  return outcome;
}

Result<fabric::PortCounts> LinuxPorts::counts() const {
  fabric::PortCounts all;
  for (const auto& [port, attached] : ports_) {
    FABRIX_TRY(const auto cpus,
               datapath_->map("port_counts").values_of<fabrix_port_counts>(attached.slot));
    fabric::PortCount& sum = all[port];
    for (const fabrix_port_counts& cpu : cpus) {
      sum.in.packets += cpu.in.packets;
      sum.in.octets += cpu.in.octets;
      sum.out.packets += cpu.out.packets;
      sum.out.octets += cpu.out.octets;
      sum.discarded += cpu.discarded + cpu.beyond_limit;
    }
  }
  return all;
}

std::optional<std::uint32_t> LinuxPorts::interface_of(net::PortNo port) const {
  const auto found = ports_.find(port);
  if (found == ports_.end() || found->second.index == 0) return std::nullopt;
  return found->second.index;
}

std::uint16_t LinuxPorts::vlan_of(net::PortNo port) const {
  const auto found = ports_.find(port);
  return found == ports_.end() ? std::uint16_t{0} : found->second.vlan;
}

std::vector<LinuxPortPlace> LinuxPorts::places() const {
  std::vector<LinuxPortPlace> all;
  for (const auto& [port, attached] : ports_) {
    if (attached.index != 0) all.push_back(place_of(port, attached));
  }
  return all;
}

std::optional<exchange::PortAttach> LinuxPorts::attach_of(net::PortNo port) const {
  const auto found = ports_.find(port);
  if (found == ports_.end() || found->second.index == 0) return std::nullopt;
  const Attached& attached = found->second;
  return exchange::PortAttach{
      .at = attached.xdp_link.valid() ? FabricAttach::kXdp : FabricAttach::kTc,
      .refusal = attached.xdp_refusal};
}

// What is there of a port that is none is dropped, and what is wrong of one is put anew.
Result<std::optional<LinuxFault>> LinuxPorts::mend(const LinuxSuspect& suspect) {
  using Fault = std::optional<LinuxFault>;
  if (suspect.place == LinuxPlace::kLink) {
    return mend_link(net::PortNo{io::BpfMap::read_as<std::uint32_t>(suspect.key, 0)});
  }
  const auto places = this->places();
  FABRIX_TRY(const auto wrong, mend_port_map(*datapath_, suspect, places));
  if (!wrong) return Fault();
  return Fault({suspect.place, *wrong, 0,
                fmt::format("an entry for {} {}",
                            suspect.place == LinuxPlace::kPortIn ? "interface" : "port",
                            io::BpfMap::read_as<std::uint32_t>(suspect.key, 0))});
}

// An interface that is gone is no fault: look() follows.
Result<std::optional<LinuxFault>> LinuxPorts::mend_link(net::PortNo port) {
  using Fault = std::optional<LinuxFault>;
  const auto found = ports_.find(port);
  if (found == ports_.end() || found->second.index == 0) return Fault();
  Attached& attached = found->second;
  const auto is_tied = [&attached](const io::FileDescriptor& link) {
    const auto tied = io::interface_of(link);
    return tied && *tied == attached.index;
  };
  const bool at_tc = is_tied(attached.link);
  if (at_tc && (!attached.xdp_link.valid() || is_tied(attached.xdp_link))) {
    return mend_pins(port, attached);
  }
  FABRIX_TRY(const auto links, io::list_links(netlink_));
  const auto link = std::ranges::find(links, attached.interface, &io::Link::name);
  if (link == links.end()) return Fault();
  if (!at_tc) {
    if (auto done = attach(port, attached, *link); !done) return fail(done.error());
  }
  leave_xdp(port, attached);
  follow_xdp(port, attached, *link);
  return Fault(
      {LinuxPlace::kLink, fabric::Difference::Kind::kMissing, 0,
       fmt::format("port {} was not tied to interface {}", port.value, attached.interface)});
}

// Without its file a link ends with the process.
Result<std::optional<LinuxFault>> LinuxPorts::mend_pins(net::PortNo port,
                                                        const Attached& attached) const {
  using Fault = std::optional<LinuxFault>;
  if (directory_.empty()) return Fault();
  bool was_gone = false;
  for (const auto& [link, path] :
       {std::pair(&attached.link, pin_of(port)), std::pair(&attached.xdp_link, xdp_pin_of(port))}) {
    if (!link->valid() || io::open_pinned(path)) continue;
    was_gone = true;
    auto done = io::prepare_bpf_directory(directory_);
    if (done) done = io::pin(link->get(), path);
    if (!done) return fail(done.error());
  }
  if (!was_gone) return Fault();
  return Fault({LinuxPlace::kLink, fabric::Difference::Kind::kMissing, 0,
                fmt::format("the file of port {} was gone", port.value)});
}

std::size_t LinuxPorts::up_count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(ports_, [](const auto& each) { return each.second.up; }));
}

Result<std::uint64_t> LinuxPorts::packets_at_xdp() const {
  std::uint64_t sum = 0;
  for (const auto& [port, attached] : ports_) {
    FABRIX_TRY(const auto cpus,
               datapath_->map("port_counts").values_of<fabrix_port_counts>(attached.slot));
    for (const fabrix_port_counts& cpu : cpus) sum += cpu.at_xdp;
  }
  return sum;
}

std::size_t LinuxPorts::xdp_count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(ports_, [](const auto& each) { return each.second.xdp_link.valid(); }));
}

}  // namespace fabrix::controller
