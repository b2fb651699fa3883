// Programs of eBPF in the kernel: loaded, recognised, tried, tied to interfaces.
//
//   Linux Documentation/bpf/{prog_sk_lookup,bpf_prog_run}.rst; commit e420bed02507 (TCX, Linux 6.6)
//
// A program lives as long as a descriptor, a link or a map holds it. Loading fails with the last
// lines of what the kernel's verifier said. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ebpf/instruction.h"
#include "io/file_descriptor.h"

namespace fabrix::io {

// What a program is for: tc's hooks, or XDP (of frames in several buffers too: xdp.frags).
enum class BpfKind : std::uint8_t { kTc, kXdp };

// What the kernel verifies and cannot translate is tried again without jumps back
// (ebpf::Assembler). `name` has at most 15 letters, digits, '_' and '.'. Constants that load maps
// are descriptors.
Result<FileDescriptor> load_bpf_program(const std::string& name,
                                        std::span<const ebpf::Instruction> code,
                                        BpfKind kind = BpfKind::kTc);

// By the kernel's number for it. Fails if it is gone.
Result<FileDescriptor> open_bpf_program(std::uint32_t id);

struct BpfProgramInfo {
  std::uint32_t id = 0;
  std::string name;
};
Result<BpfProgramInfo> describe_bpf_program(const FileDescriptor& program);

// What a program does with a frame, without sending it.
struct BpfRun {
  BpfKind kind = BpfKind::kTc;
  std::uint32_t interface = 0;  // by which the frame comes in; at XDP it has to be there
  std::uint32_t repeat = 1;
  std::uint32_t segments = 0;  // that the frame is a train of, at tc; 0: it is none
};
struct BpfOutcome {
  std::uint32_t action = 0;       // TC_ACT_*; XDP_*
  std::vector<std::byte> frame;   // as it is left
  std::uint32_t nanoseconds = 0;  // of one run, on the average
};
Result<BpfOutcome> run_bpf_program(const FileDescriptor& program, std::span<const std::byte> frame,
                                   const BpfRun& how);

// Programs at both tc hooks of an interface of the calling thread's namespace, for as long as it is
// there: filters of clsact (tc-bpf(8)). Once for each interface.
struct BothWays {
  const FileDescriptor& ingress;
  const FileDescriptor& egress;
};
Result<void> attach_for_good(const BothWays& programs, std::uint32_t interface);

// Links: a program at the ingress of an interface.
Result<FileDescriptor> attach_to_ingress(const FileDescriptor& program, std::uint32_t interface);
// At XDP: in the interface's driver, or in the general part of the kernel, which all interfaces
// have. An interface has one such program.
enum class XdpMode : std::uint8_t { kDriver, kGeneral };
Result<FileDescriptor> attach_to_xdp(const FileDescriptor& program, std::uint32_t interface,
                                     XdpMode mode);
// The interface goes on with the other program; no packet passes between.
Result<void> replace_program(const FileDescriptor& link, const FileDescriptor& program);
// At once, though others may hold the link too.
Result<void> detach(const FileDescriptor& link);
// 0: it is gone.
Result<std::uint32_t> interface_of(const FileDescriptor& link);
// By a descriptor of somebody else's, who may have closed it: then it fails, or is another's.
Result<std::uint32_t> interface_of_link(int link);

}  // namespace fabrix::io
