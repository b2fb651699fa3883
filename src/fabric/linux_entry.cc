#include "fabric/linux_entry.h"

#include <variant>

namespace fabrix::fabric {
namespace {

using program::Row;

std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

}  // namespace

std::uint64_t linux_number(net::ParticipantId id) {
  return std::uint64_t{id.value} + 1;
}

std::uint64_t counter_key(net::ParticipantId owner, std::span<const std::uint64_t> queries) {
  std::uint64_t key = mixed(linux_number(owner));
  for (const std::uint64_t query : queries) key = mixed(key + mixed(query));
  return key;
}

std::uint64_t beyond_key(const program::Meter& meter) {
  return counter_key({}, {&meter.counter, 1});
}

fabrix_action linux_action(const Row& row) {
  fabrix_action action{};
  action.step.metadata = row.write_metadata.bits;
  if (!row.set_fields.empty()) action.step.value = row.set_fields.front().value;
  if (const auto* output = std::get_if<program::Output>(&row.next)) {
    action.step.port = output->port.value;
  } else if (std::holds_alternative<program::ToController>(row.next)) {
    action.step.port = linux_number(row.origin.participant);
  }
  if (!row.queries.empty()) action.step.counter = counter_key(row.origin.participant, row.queries);
  if (row.meter) action.meter = row.meter->id;
  if (row.meter && row.meter->counter != 0) action.beyond = beyond_key(*row.meter);
  return action;
}

}  // namespace fabrix::fabric
