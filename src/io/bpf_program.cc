#include "io/bpf_program.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/if_link.h>

#include "ebpf/assembler.h"

namespace fabrix::io {
namespace {

// Of linux/bpf.h from Linux 6.6 on: BPF_TCX_INGRESS.
constexpr auto kTcxIngress = static_cast<bpf_attach_type>(46);
constexpr int kUntranslated = 524;  // Linux's ENOTSUPP
constexpr std::size_t kLogSize = std::size_t{1} << 20U;
constexpr std::size_t kLogShown = 600;

// The end of what the verifier said.
std::string last_words(const std::vector<char>& log) {
  const std::string_view text(log.data());
  return std::string(text.substr(text.size() > kLogShown ? text.size() - kLogShown : 0));
}

}  // namespace

Result<FileDescriptor> load_bpf_program(const std::string& name,
                                        std::span<const ebpf::Instruction> code, BpfKind kind) {
  bpf_prog_load_opts options{};
  options.sz = sizeof(options);
  if (kind == BpfKind::kXdp) {
    options.expected_attach_type = BPF_XDP;
    options.prog_flags = BPF_F_XDP_HAS_FRAGS;
  }
  const auto load = [&] {
    const auto type = kind == BpfKind::kXdp ? BPF_PROG_TYPE_XDP : BPF_PROG_TYPE_SCHED_CLS;
    const auto* instructions = reinterpret_cast<const bpf_insn*>(code.data());
    return FileDescriptor(
        bpf_prog_load(type, name.c_str(), "GPL", instructions, code.size(), &options));
  };
  FileDescriptor program = load();
  if (program.valid()) return program;
  ebpf::Code forward;
  if (errno == kUntranslated) {
    FABRIX_TRY(forward, ebpf::Assembler::reopen(code).finish(ebpf::Assembler::Order::kForward));
    code = forward;
    program = load();
    if (program.valid()) return program;
  }
  const bool too_complex = errno == E2BIG || errno == EFAULT;
  const Error error = errno_error("load program " + name);
  // Of so long a program the verifier would have to say too much.
  if (too_complex) {
    return fail(Error{error.message + ": it has more ways through it than the kernel verifies"});
  }
  std::vector<char> log(kLogSize);
  options.log_level = 1;
  options.log_size = static_cast<std::uint32_t>(log.size());
  options.log_buf = log.data();
  program = load();
  if (program.valid()) return program;
  return fail(Error{error.message + ": " + last_words(log)});
}

Result<FileDescriptor> open_bpf_program(std::uint32_t id) {
  FileDescriptor program(bpf_prog_get_fd_by_id(id));
  if (!program.valid()) return fail(errno_error("program " + std::to_string(id)));
  return program;
}

Result<BpfProgramInfo> describe_bpf_program(const FileDescriptor& program) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(program.get(), &info, &size) != 0) {
    return fail(errno_error("program"));
  }
  const std::string_view name(info.name, strnlen(info.name, sizeof(info.name)));
  return BpfProgramInfo{.id = info.id, .name = std::string(name)};
}

Result<BpfOutcome> run_bpf_program(const FileDescriptor& program, std::span<const std::byte> frame,
                                   const BpfRun& how) {
  constexpr std::size_t kMore = 256;  // a program may make a frame longer
  BpfOutcome outcome;
  outcome.frame.resize(frame.size() + kMore);
  __sk_buff skb{};
  skb.ingress_ifindex = how.interface;
  skb.gso_segs = how.segments;
  xdp_md xdp{};
  xdp.data_end = static_cast<std::uint32_t>(frame.size());
  xdp.ingress_ifindex = how.interface;
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  options.data_in = frame.data();
  options.data_size_in = static_cast<std::uint32_t>(frame.size());
  options.data_out = outcome.frame.data();
  options.data_size_out = static_cast<std::uint32_t>(outcome.frame.size());
  const bool at_xdp = how.kind == BpfKind::kXdp;
  options.ctx_in = at_xdp ? static_cast<const void*>(&xdp) : &skb;
  options.ctx_size_in = at_xdp ? sizeof(xdp) : sizeof(skb);
  options.repeat = static_cast<int>(how.repeat);
  if (bpf_prog_test_run_opts(program.get(), &options) != 0) return fail(errno_error("run program"));
  outcome.frame.resize(options.data_size_out);
  outcome.action = options.retval;
  outcome.nanoseconds = options.duration;
  return outcome;
}

Result<void> attach_for_good(const BothWays& programs, std::uint32_t interface) {
  bpf_tc_hook hook{};
  hook.sz = sizeof(hook);
  hook.ifindex = static_cast<int>(interface);
  hook.attach_point = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);
  if (bpf_tc_hook_create(&hook) != 0) return fail(errno_error("clsact"));
  const auto attach = [&hook](bpf_tc_attach_point where, const FileDescriptor& program) {
    hook.attach_point = where;
    bpf_tc_opts options{};
    options.sz = sizeof(options);
    options.prog_fd = program.get();
    return bpf_tc_attach(&hook, &options) == 0;
  };
  const bool done =
      attach(BPF_TC_INGRESS, programs.ingress) && attach(BPF_TC_EGRESS, programs.egress);
  if (!done) return fail(errno_error("attach to interface " + std::to_string(interface)));
  return {};
}

Result<FileDescriptor> attach_to_ingress(const FileDescriptor& program, std::uint32_t interface) {
  FileDescriptor link(
      bpf_link_create(program.get(), static_cast<int>(interface), kTcxIngress, nullptr));
  if (!link.valid()) {
    return fail(errno_error("attach to interface " + std::to_string(interface)));
  }
  return link;
}

Result<FileDescriptor> attach_to_xdp(const FileDescriptor& program, std::uint32_t interface,
                                     XdpMode mode) {
  bpf_link_create_opts options{};
  options.sz = sizeof(options);
  options.flags = mode == XdpMode::kDriver ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
  FileDescriptor link(
      bpf_link_create(program.get(), static_cast<int>(interface), BPF_XDP, &options));
  if (!link.valid()) {
    return fail(errno_error("attach to interface " + std::to_string(interface) + " at XDP"));
  }
  return link;
}

Result<void> replace_program(const FileDescriptor& link, const FileDescriptor& program) {
  if (bpf_link_update(link.get(), program.get(), nullptr) == 0) return {};
  return fail(errno_error("replace program"));
}

Result<void> detach(const FileDescriptor& link) {
  if (bpf_link_detach(link.get()) == 0) return {};
  return fail(errno_error("detach"));
}

Result<std::uint32_t> interface_of(const FileDescriptor& link) {
  return interface_of_link(link.get());
}

Result<std::uint32_t> interface_of_link(int link) {
  bpf_link_info info{};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(link, &info, &size) != 0) return fail(errno_error("link"));
  return info.xdp.ifindex;  // where a TCX link has it too
}

}  // namespace fabrix::io
