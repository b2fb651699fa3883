#include "io/bpf_hook.h"

#include <cerrno>
#include <string>
#include <utility>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "io/netlink_socket.h"

namespace fabrix::io {
namespace {

// Of linux/bpf.h from Linux 6.6 on: BPF_TCX_INGRESS, BPF_TCX_EGRESS, BPF_F_BEFORE.
constexpr auto kTcxIngress = static_cast<bpf_attach_type>(46);
constexpr auto kTcxEgress = static_cast<bpf_attach_type>(47);
constexpr std::uint32_t kBefore = 1U << 3U;

// Ours among the filters, before those that are given their place by the kernel.
constexpr std::uint32_t kHandle = 0xfab;
constexpr std::uint32_t kPriority = 49;

bpf_tc_hook filters_of(std::uint32_t interface, bpf_tc_attach_point where) {
  bpf_tc_hook hook{};
  hook.sz = sizeof(hook);
  hook.ifindex = static_cast<int>(interface);
  hook.attach_point = where;
  return hook;
}

bpf_tc_attach_point point_of(TcHook where) {
  return where == TcHook::kIngress ? BPF_TC_INGRESS : BPF_TC_EGRESS;
}

// Where filters are. Others may have made it, and it stays.
Result<void> make_clsact(std::uint32_t interface) {
  FABRIX_TRY(auto netlink, NetlinkSocket::open());
  NetlinkWriter message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL);
  tcmsg fixed{};
  fixed.tcm_ifindex = static_cast<int>(interface);
  fixed.tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0U);
  fixed.tcm_parent = TC_H_CLSACT;
  message.fixed(fixed);
  message.attribute(TCA_KIND, "clsact");
  return netlink.request_ignoring(std::move(message), EEXIST,
                                  "clsact at interface " + std::to_string(interface));
}

Error at(std::uint32_t interface) {
  return errno_error("attach to interface " + std::to_string(interface));
}

}  // namespace

Result<BpfHook> BpfHook::attach(const FileDescriptor& program, std::uint32_t interface,
                                TcHook where) {
  bpf_link_create_opts options{};
  options.sz = sizeof(options);
  options.flags = kBefore;
  BpfHook hook;
  hook.link_ = FileDescriptor(bpf_link_create(program.get(), static_cast<int>(interface),
                                              where == TcHook::kIngress ? kTcxIngress : kTcxEgress,
                                              &options));
  if (hook.link_.valid()) return hook;
  if (errno == EINVAL) return attach_filter(program, interface, where);
  return fail(at(interface));
}

Result<BpfHook> BpfHook::attach_filter(const FileDescriptor& program, std::uint32_t interface,
                                       TcHook where) {
  if (const auto made = make_clsact(interface); !made) return fail(made.error());
  const bpf_tc_hook filters = filters_of(interface, point_of(where));
  bpf_tc_opts options{};
  options.sz = sizeof(options);
  options.prog_fd = program.get();
  options.handle = kHandle;
  options.priority = kPriority;
  options.flags = BPF_TC_F_REPLACE;
  if (bpf_tc_attach(&filters, &options) != 0) return fail(at(interface));
  BpfHook hook;
  hook.filtered_ = interface;
  hook.where_ = where;
  return hook;
}

BpfHook::BpfHook(BpfHook&& other) noexcept
    : link_(std::move(other.link_)),
      filtered_(std::exchange(other.filtered_, 0)),
      where_(other.where_) {}

BpfHook& BpfHook::operator=(BpfHook&& other) noexcept {
  std::swap(link_, other.link_);
  std::swap(filtered_, other.filtered_);
  std::swap(where_, other.where_);
  return *this;
}

BpfHook::~BpfHook() {
  if (filtered_ == 0) return;
  const bpf_tc_hook filters = filters_of(filtered_, point_of(where_));
  bpf_tc_opts options{};
  options.sz = sizeof(options);
  options.handle = kHandle;
  options.priority = kPriority;
  // Fails where the interface is gone.
  (void)bpf_tc_detach(&filters, &options);
}

}  // namespace fabrix::io
