#include "sflow/sampled_packet.h"

#include <array>
#include <limits>
#include <string_view>
#include <variant>

#include "sflow/record.h"

namespace fabrix::sflow {
namespace {

// Of a transaction: what was asked and what was answered.
struct Transaction {
  Tag tag;
  std::string_view asked;  // empty: the record does not say it
  std::string_view answered;
};

constexpr std::array kTransactions{
    Transaction{Tag::of(0, 2206), "http_request_bytes", "http_bytes"},
    Transaction{Tag::of(0, 2201), "", "http_bytes"},
    Transaction{Tag::of(0, 2202), "request_bytes", "response_bytes"},
    Transaction{Tag::of(0, 2200), "", "memcache_op_value_bytes"},
};

std::uint32_t octets_of(const Transaction& transaction, Bytes body) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  std::uint64_t octets = 0;
  FieldCursor cursor(*find_flow_schema(transaction.tag), body);
  while (const auto field = cursor.next()) {
    const std::string_view name = field->schema->name;
    if (name != transaction.asked && name != transaction.answered) continue;
    const auto* const number = std::get_if<std::uint64_t>(&field->value);
    if (number != nullptr) octets = std::min(kMost, octets + std::min(kMost, *number));
  }
  return static_cast<std::uint32_t>(octets);
}

}  // namespace

void SampledPacket::make_layers() const {
  if (header_) {
    layers_.emplace(header_->protocol, header_->header);
  } else {
    layers_.emplace();
  }
}

std::uint32_t SampledPacket::length_without_header() const {
  // The first word of each of these is the length.
  for (const Tag tag : {kSampledEthernet, kSampledIpv4, kSampledIpv6}) {
    const auto body = record(tag);
    if (body && body->size() >= 4) return load_u32(body->data());
  }
  for (const Transaction& transaction : kTransactions) {
    if (const auto body = record(transaction.tag)) return octets_of(transaction, *body);
  }
  return 0;
}

}  // namespace fabrix::sflow
