// What eBPF's samples of frames have in common, on their way from the ring buffer: the agent's and
// the Linux fabric's. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fabrix::io {

// How a frame began on the wire: `header` with the tag that the kernel has taken out behind its
// MACs (TPID, TCI; 0: none), as far as there is room. So many octets.
std::size_t put_tag_back(std::span<const std::byte> header, std::uint32_t tag,
                         std::span<std::byte> to);

// Of the CPUs' counts, modulo 2^32 as sFlow's are.
std::uint32_t sum_of_cpus(const std::vector<std::uint64_t>& counts);

}  // namespace fabrix::io
