#include "controller/linux_samples.h"

#include <array>
#include <utility>

#include "io/sample_record.h"

namespace fabrix::controller {
namespace {

using fabric::Sample;

constexpr std::size_t kTag = 4;

static_assert(fabric::kSampledOctets == std::size_t{FABRIX_SAMPLED} &&
              fabric::kMaxSamplingRate == std::uint32_t{FABRIX_MAX_SAMPLE_RATE});

Sample::Fate fate_of(std::uint32_t fate) {
  switch (fate) {
    case FABRIX_FATE_FORWARDED:
      return Sample::Fate::kForwarded;
    case FABRIX_FATE_COPIED:
      return Sample::Fate::kCopied;
    case FABRIX_FATE_CONTROLLER:
      return Sample::Fate::kToController;
    default:
      return Sample::Fate::kDiscarded;
  }
}

}  // namespace

Result<std::unique_ptr<LinuxSamples>> LinuxSamples::watch(io::EventLoop& loop,
                                                          const LinuxDatapath& datapath,
                                                          OnSample on_sample) {
  // tidy: the constructor is private, which make_unique cannot reach
  std::unique_ptr<LinuxSamples> made(new LinuxSamples(datapath, std::move(on_sample)));
  const auto take = [&samples = *made](std::span<const std::byte> record) { samples.take(record); };
  FABRIX_TRY(made->ring_, io::BpfRing::watch(loop, datapath.map("samples"), take));
  return made;
}

// At first, and where another slot counts for the port, from the kernel.
LinuxSamples::Counted& LinuxSamples::counted(const fabrix_sample& sample) {
  const auto [found, is_new] = counted_.try_emplace(sample.port);
  Counted& counted = found->second;
  if (!is_new && counted.slot == sample.slot) return counted;
  counted.slot = sample.slot;
  counted.pools.assign(io::possible_cpus(), 0);
  counted.drops.assign(io::possible_cpus(), 0);
  const auto all = datapath_->map("samplers").values_of<fabrix_sampler>(sample.slot);
  if (!all) return counted;
  for (std::size_t cpu = 0; cpu < all->size(); ++cpu) {
    counted.pools.at(cpu) = all->at(cpu).pool;
    counted.drops.at(cpu) = all->at(cpu).drops;
  }
  return counted;
}

void LinuxSamples::take(std::span<const std::byte> record) {
  if (record.size() < sizeof(fabrix_sample)) return;
  const auto is = io::BpfMap::read_as<fabrix_sample>(record, 0);
  if (is.size > FABRIX_SAMPLED || is.cpu >= io::possible_cpus()) return;
  Counted& counted = this->counted(is);
  counted.pools.at(is.cpu) = is.pool;
  counted.drops.at(is.cpu) = is.drops;
  std::array<std::byte, fabric::kSampledOctets> header{};
  const std::size_t size =
      io::put_tag_back(std::as_bytes(std::span(is.header)).first(is.size), is.tag, header);
  on_sample_({.port = net::PortNo{is.port},
              .fate = fate_of(is.fate),
              .egress = net::PortNo{is.fate == FABRIX_FATE_FORWARDED ? is.egress : 0},
              .frames = is.frames,
              .rate = is.rate,
              .times = is.times,
              .frame_length = is.length + (is.tag == 0 ? 0 : std::uint32_t{kTag}),
              .pool = io::sum_of_cpus(counted.pools),
              .drops = io::sum_of_cpus(counted.drops),
              .header = std::span<const std::byte>(header).first(size)});
}

}  // namespace fabrix::controller
