#include "controller/linux_fabric.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "controller/linux_audit.h"
#include "controller/linux_datapath.h"
#include "controller/linux_pins.h"
#include "controller/linux_ports.h"
#include "controller/linux_samples.h"
#include "fabric/linux_image.h"
#include "fabric/port_tags.h"
#include "io/bpf_object.h"
#include "io/bpf_program.h"
#include "io/bpf_ring.h"
#include "io/frame_sender.h"
#include "io/link_watch.h"
#include "io/log.h"

namespace fabrix::controller {
namespace {

using exchange::FabricAttach;

// At XDP, if one of them is.
FabricAttach hook_of(const std::vector<LinuxPort>& ports) {
  const bool any = std::ranges::count(ports, FabricAttach::kXdp, &LinuxPort::attach) != 0;
  return any ? FabricAttach::kXdp : FabricAttach::kTc;
}

void complain(std::string_view what, const Error& error) {
  io::log(io::LogLevel::kError, "fabric", fmt::format("{} reason=\"{}\"", what, error.message));
}

}  // namespace

class LinuxFabric::Core {
 public:
  Core(io::EventLoop& loop, std::unique_ptr<LinuxDatapath> with, LinuxPorts at, io::FrameSender by)
      : datapath(std::move(with)),
        ports(std::move(at)),
        sender(std::move(by)),
        audit(loop, *datapath, ports) {}

  io::FileDescriptor claim;  // of the directory, if there is one
  std::unique_ptr<LinuxDatapath> datapath;
  LinuxPorts ports;
  io::FrameSender sender;
  fabric::LinuxCompiler compiler;
  LinuxInstalled installed;
  std::unique_ptr<io::BpfRing> punts;
  std::unique_ptr<LinuxSamples> samples;
  std::unique_ptr<io::LinkWatch> watch;
  LinuxAudit audit;
  // Shared with what was posted to the loop.
  std::shared_ptr<const int> alive = std::make_shared<const int>(0);
};

LinuxFabric::LinuxFabric(std::unique_ptr<Core> core) : core_(std::move(core)) {}
LinuxFabric::~LinuxFabric() = default;

Result<std::unique_ptr<LinuxFabric>> LinuxFabric::start(io::EventLoop& loop,
                                                        const LinuxSettings& settings) {
  io::FileDescriptor claim;
  if (!settings.pin_directory.empty()) {
    const auto done = io::prepare_bpf_directory(settings.pin_directory);
    if (!done) return fail(done.error());
    FABRIX_TRY(claim, io::claim_bpf_directory(settings.pin_directory));
  }
  FABRIX_TRY(auto datapath, LinuxDatapath::open(settings.pin_directory));
  FABRIX_TRY(auto ports, LinuxPorts::open(*datapath, settings.pin_directory));
  FABRIX_TRY(auto sender, io::FrameSender::open());
  datapath->attach(hook_of(settings.ports));
  if (const auto done = ports.set(settings.ports); !done) return fail(done.error());
  auto core =
      std::make_unique<Core>(loop, std::move(datapath), std::move(ports), std::move(sender));
  core->claim = std::move(claim);
  // tidy: the constructor is private, which make_unique cannot reach
  std::unique_ptr<LinuxFabric> made(new LinuxFabric(std::move(core)));
  LinuxFabric& fabric = *made;
  const auto look = [&fabric] {
    const auto report = [&fabric](net::PortNo port, bool up) {
      if (fabric.on_port) fabric.on_port(port, up);
    };
    const auto done = fabric.core_->ports.look(report);
    if (!done) complain("interfaces", done.error());
  };
  FABRIX_TRY(fabric.core_->watch, io::LinkWatch::start(loop, look));
  const auto on_record = [&fabric](std::span<const std::byte> record) {
    fabrix_punt head{};
    if (record.size() < sizeof(head)) return;
    std::memcpy(&head, record.data(), sizeof(head));
    const auto octets = record.subspan(sizeof(head));
    if (!fabric.on_frame || head.size > octets.size()) return;
    fabric.on_frame(net::PortNo{head.port}, octets.first(head.size));
  };
  FABRIX_TRY(fabric.core_->punts,
             io::BpfRing::watch(loop, fabric.core_->datapath->map("punts"), on_record));
  const auto on_sample = [&fabric](const fabric::Sample& sample) {
    if (fabric.on_sample) fabric.on_sample(sample);
  };
  FABRIX_TRY(fabric.core_->samples, LinuxSamples::watch(loop, *fabric.core_->datapath, on_sample));
  loop.post([look, &fabric, alive = std::weak_ptr(fabric.core_->alive)] {
    if (alive.expired()) return;
    look();
    if (fabric.on_ready) fabric.on_ready();
  });
  return made;
}

void LinuxFabric::install(program::ProgramPtr program, Done done) {
  auto image = core_->compiler.compile(*program);
  if (!image) return done(fail(image.error()));
  auto outcome = core_->datapath->install(*image);
  if (outcome) {
    core_->installed = {.program = std::move(program), .image = *std::move(image)};
  }
  done(std::move(outcome));
}

void LinuxFabric::audit(const program::ProgramPtr& /*program*/, AuditDone done) {
  if (!core_->installed.program) return done(fail(Error{"nothing has been installed yet"}));
  const auto chosen = core_->ports.choose_ways_out();
  if (!chosen) complain("interfaces", chosen.error());
  core_->audit.start(core_->installed, std::move(done));
}

void LinuxFabric::send_frame(net::PortNo port, std::span<const std::byte> frame) {
  const auto interface = core_->ports.interface_of(port);
  if (!interface) return;
  const auto tagged = fabric::with_tag(frame, core_->ports.vlan_of(port));
  const auto sent = core_->sender.send(*interface, tagged);
  if (!sent && io::logs(io::LogLevel::kDebug)) {
    io::log_debug("fabric", fmt::format("frame not sent port={} reason=\"{}\"", port.value,
                                        sent.error().message));
  }
}

void LinuxFabric::set_ports(const std::vector<net::PortNo>& /*ports*/) {}

void LinuxFabric::read_query_counts() {
  const auto counted = core_->datapath->take_counts();
  if (!counted) return;
  for (const auto& each : *counted) {
    add_counts(each.counter.owner, each.counter.queries, each.more);
  }
  if (on_query_counts) on_query_counts();
}

void LinuxFabric::read_port_counts() {
  auto counts = core_->ports.counts();
  if (!counts) return complain("ports not counted", counts.error());
  set_port_counts(*std::move(counts));
}

Result<void> LinuxFabric::set_sampling(const fabric::SamplingRates& rates) {
  for (const auto& [port, rate] : rates) {
    if (rate <= fabric::kMaxSamplingRate) continue;
    return fail(Error{fmt::format("port {}: a sampling rate of {}; at most {}", port.value, rate,
                                  fabric::kMaxSamplingRate)});
  }
  return core_->ports.set_sampling(rates);
}

std::string LinuxFabric::status() const {
  std::string at_xdp;
  if (core_->datapath->attached() == FabricAttach::kXdp) {
    at_xdp = fmt::format(", {} at XDP, where {} packets ended", core_->ports.xdp_count(),
                         core_->ports.packets_at_xdp().value_or(0));
  }
  return fmt::format("linux: {} of {} ports up{}, {} rows, {} programs, {} installs",
                     core_->ports.up_count(), core_->ports.size(), at_xdp,
                     core_->installed.program ? core_->installed.program->row_count() : 0,
                     core_->datapath->program_count(), core_->datapath->installs());
}

std::optional<exchange::PortAttach> LinuxFabric::attach_of(net::PortNo port) const {
  return core_->ports.attach_of(port);
}

// Programs that are at XDP from now on are put there at once.
void LinuxFabric::set_interfaces(const std::vector<LinuxPort>& ports) {
  const FabricAttach how = hook_of(ports);
  const bool is_new = core_->datapath->attached() != how;
  core_->datapath->attach(how);
  if (is_new && core_->installed.program) {
    const auto installed = core_->datapath->install(core_->installed.image);
    if (!installed) complain("programs", installed.error());
  }
  const auto done = core_->ports.set(ports);
  if (!done) complain("interfaces", done.error());
  const auto report = [this](net::PortNo port, bool up) {
    if (on_port) on_port(port, up);
  };
  const auto looked = core_->ports.look(report);
  if (!looked) complain("interfaces", looked.error());
}

Result<void> LinuxFabric::remove(const std::string& pin_directory) {
  std::error_code error;
  std::vector<std::filesystem::path> ours;
  const auto is_port = [](const std::filesystem::path& path) {
    return is_linux_port_pin(path.filename().string());
  };
  for (const auto& entry : std::filesystem::directory_iterator(pin_directory, error)) {
    const auto& path = entry.path();
    if (is_port(path) || is_linux_map(path.filename().string())) ours.push_back(path);
  }
  // Ports first: then no packet meets the rest.
  std::ranges::sort(ours, std::ranges::greater{}, is_port);
  for (const auto& path : ours) {
    if (is_port(path)) {
      const auto link = io::open_pinned(path);
      if (link) (void)io::detach(*link);
    }
    std::filesystem::remove(path, error);
    if (error) return fail(Error{fmt::format("remove {}: {}", path.string(), error.message())});
  }
  return {};
}

}  // namespace fabrix::controller
