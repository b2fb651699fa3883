// LinuxSamples: samples that the kernel's part of the Linux fabric takes (bpf/fabric.bpf.c), from
// its ring buffer to whoever wants them.
//
// Each CPU counts a port's frames for itself; a sample says what all have counted, as far as it is
// known: of the others, when they last took one of the port. A ring buffer that is full loses
// samples, and counts them. A tag that the kernel took out of the frame is back in the header.
//
// Loop's thread only. Fails with what the kernel said.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "controller/linux_datapath.h"
#include "fabric/sample.h"
#include "io/bpf_ring.h"
#include "io/event_loop.h"

namespace fabrix::controller {

class LinuxSamples {
 public:
  using OnSample = std::function<void(const fabric::Sample&)>;

  // Samples that nobody had time for before come first. The datapath must outlive it.
  static Result<std::unique_ptr<LinuxSamples>> watch(io::EventLoop& loop,
                                                     const LinuxDatapath& datapath,
                                                     OnSample on_sample);

 private:
  // What a port's CPUs have counted.
  struct Counted {
    std::uint32_t slot = 0;
    std::vector<std::uint64_t> pools;
    std::vector<std::uint64_t> drops;
  };

  LinuxSamples(const LinuxDatapath& datapath, OnSample on_sample)
      : datapath_(&datapath), on_sample_(std::move(on_sample)) {}

  void take(std::span<const std::byte> record);
  Counted& counted(const fabrix_sample& sample);

  const LinuxDatapath* datapath_;
  OnSample on_sample_;
  std::map<std::uint32_t, Counted> counted_;  // by port
  std::unique_ptr<io::BpfRing> ring_;
};

}  // namespace fabrix::controller
