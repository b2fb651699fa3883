// Texts of the kernel and sampled headers: whatever they say, the records are ones that a collector
// reads whole.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "host/cgroup.h"
#include "host/host_records.h"
#include "host/tcp_connection.h"
#include "sflow/record.h"

namespace {

using fabrix::sflow::Record;

void check(const Record& record) {
  const auto* const schema = fabrix::sflow::find_counter_schema(record.tag);
  if (schema == nullptr) std::abort();
  fabrix::sflow::FieldCursor fields(*schema, record.octets);
  while (fields.next()) {
  }
  if (!fields.ok()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace host = fabrix::host;
  const std::string text(reinterpret_cast<const char*>(data), size);
  check(host::cpu_record({.stat = text, .loadavg = text, .uptime = text, .cpuinfo = text}));
  check(host::memory_record(text, text));
  check(host::disk_record(text, {"sda"}, {}));
  for (const Record& record : host::mib2_records(text)) check(record);
  check(host::node_record(text, text, 1));
  check(host::port_name_record(text));
  check(host::host_record({.name = text, .uuid = {}, .machine = text, .release = text}));
  (void)host::local_mounts(text);
  const auto node = host::node_of(text);
  const host::CgroupTexts texts{.cpu_stat = text,
                                .memory_current = text,
                                .memory_max = text,
                                .io_stat = text,
                                .net_dev = text};
  for (const Record& record :
       host::node_records(node.value_or(host::VirtualNode()), {}, texts, {})) {
    check(record);
  }
  const auto header = std::as_bytes(std::span(data, size));
  (void)host::connection_of(fabrix::sflow::HeaderProtocol::kEthernet, header, host::Way::kReceived);
  (void)host::connection_of(fabrix::sflow::HeaderProtocol::kIpv6, header, host::Way::kSent);
  return 0;
}
