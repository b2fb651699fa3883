// The sampler in the kernel, bpf/agent.bpf.c, compiled: an ELF file for libbpf, part of the
// executable.
#pragma once

#include <cstddef>
#include <span>

namespace fabrix::agent {

std::span<const std::byte> sampler_object();

}  // namespace fabrix::agent
