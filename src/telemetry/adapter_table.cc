#include "telemetry/adapter_table.h"

#include <variant>

#include "sflow/record.h"
#include "sflow/xdr.h"

namespace fabrix::telemetry {
namespace {

constexpr std::size_t kMacSize = 8;  // six octets and two of padding

std::uint64_t mac_at(sflow::Bytes octets) {
  std::uint64_t mac = 0;
  for (std::size_t i = 0; i < 6; ++i) mac = mac << 8U | std::to_integer<std::uint64_t>(octets[i]);
  return mac;
}

}  // namespace

void AdapterTable::learn(sflow::Bytes record, const DataSource& source, Time now) {
  sflow::FieldCursor cursor(*sflow::find_counter_schema(kHostAdapters), record);
  while (const auto field = cursor.next()) {
    if (field->schema->type != sflow::FieldType::kMacs) continue;
    auto octets = std::get<sflow::Bytes>(field->value);
    for (; octets.size() >= kMacSize; octets = octets.subspan(kMacSize)) {
      learn(mac_at(octets), {.source = source, .said = now});
    }
  }
}

void AdapterTable::learn(std::uint64_t mac, const Host& host) {
  const auto found = hosts_.find(mac);
  if (found != hosts_.end()) {
    found->second = host;
  } else if (hosts_.size() < kMaxAdapters) {
    hosts_.emplace(mac, host);
  }
}

const DataSource* AdapterTable::find(std::uint64_t mac) const {
  const auto found = hosts_.find(mac);
  return found != hosts_.end() ? &found->second.source : nullptr;
}

void AdapterTable::expire(Time before) {
  std::erase_if(hosts_, [&](const auto& host) { return host.second.said < before; });
}

}  // namespace fabrix::telemetry
