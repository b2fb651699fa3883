// BpfHook: a program of eBPF at one of tc's hooks of an interface, for as long as the hook lives.
//
//   Linux commit e420bed02507 (TCX, Linux 6.6); tc-bpf(8)
//
// Others may be at the same hook: the program comes before them, and they see every packet if it
// returns TC_ACT_UNSPEC (TCX_NEXT). With TCX the kernel takes it away with the process, however
// that ends. Before Linux 6.6 it is a filter of clsact, which only the destructor takes away, or
// the next hook of an interface, if the process did not come to it. An interface that is gone takes
// it along. Any thread; the interface is one of the calling thread's namespace. Needs
// CAP_NET_ADMIN.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "io/file_descriptor.h"

namespace fabrix::io {

enum class TcHook : std::uint8_t { kIngress, kEgress };

class BpfHook {
 public:
  static Result<BpfHook> attach(const FileDescriptor& program, std::uint32_t interface,
                                TcHook where);
  // As where there is no TCX.
  static Result<BpfHook> attach_filter(const FileDescriptor& program, std::uint32_t interface,
                                       TcHook where);

  BpfHook(BpfHook&& other) noexcept;
  BpfHook& operator=(BpfHook&& other) noexcept;
  BpfHook(const BpfHook&) = delete;
  BpfHook& operator=(const BpfHook&) = delete;
  ~BpfHook();

 private:
  BpfHook() = default;

  FileDescriptor link_;         // of TCX
  std::uint32_t filtered_ = 0;  // the interface, of a filter; 0: none
  TcHook where_ = TcHook::kIngress;
};

}  // namespace fabrix::io
