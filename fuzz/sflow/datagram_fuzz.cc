// Whatever the bytes, reading a datagram stays within them, ends, and finds every item within what
// holds it; and a record that is read whole can be written and read again unchanged.
#include <cstdlib>
#include <vector>

#include "sflow/datagram.h"
#include "sflow/flow_records.h"
#include "sflow/record.h"

namespace fabrix::sflow {
namespace {

void check_inside(Bytes inner, Bytes outer) {
  if (inner.empty()) return;
  if (inner.data() < outer.data()) std::abort();
  if (inner.data() + inner.size() > outer.data() + outer.size()) std::abort();
}

std::vector<FieldValue> read_all(const RecordSchema& schema, Bytes body, bool& whole) {
  std::vector<FieldValue> values;
  FieldCursor cursor(schema, body);
  while (const auto field = cursor.next()) {
    if (const auto* octets = std::get_if<Bytes>(&field->value)) check_inside(*octets, body);
    values.push_back(field->value);
  }
  whole = cursor.ok();
  return values;
}

bool is_same(const FieldValue& left, const FieldValue& right) {
  if (left.index() != right.index()) return false;
  const auto* octets = std::get_if<Bytes>(&left);
  if (octets != nullptr) return as_text(*octets) == as_text(std::get<Bytes>(right));
  if (std::holds_alternative<float>(left)) return true;  // may be no number
  return left.index() == 0 ? std::get<0>(left) == std::get<0>(right)
                           : left.index() != 3 || std::get<3>(left) == std::get<3>(right);
}

void check_record(const RecordSchema* schema, Bytes body) {
  if (schema == nullptr) return;
  bool whole = false;
  const auto values = read_all(*schema, body, whole);
  if (!whole) return;
  const auto written = encode_record(*schema, values);
  const auto again = read_all(*schema, written, whole);
  if (!whole || again.size() != values.size()) std::abort();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!is_same(values[i], again[i])) std::abort();
  }
}

void check_typed(const Item& record) {
  if (const auto header = read_sampled_header(record.body)) {
    check_inside(header->header, record.body);
  }
  if (const auto gateway = read_extended_gateway(record.body)) {
    check_inside(gateway->as_path, record.body);
    check_inside(gateway->communities, record.body);
    as_path_text(gateway->as_path);
    as_path_ends(gateway->as_path);
  }
  read_sampled_ethernet(record.body);
  read_sampled_ipv4(record.body);
  read_sampled_ipv6(record.body);
  read_extended_switch(record.body);
  read_extended_router(record.body);
}

template <typename Sample>
void check_records(const Result<Sample, Fault>& sample, Bytes body, bool flows) {
  if (!sample) {
    to_string(sample.error());
    return;
  }
  ItemCursor records = sample->records();
  while (const auto record = records.next()) {
    check_inside(record->body, body);
    check_record(flows ? find_flow_schema(record->tag) : find_counter_schema(record->tag),
                 record->body);
    check_typed(*record);
  }
  if (records.fault()) to_string(*records.fault());
}

void run(Bytes input) {
  const auto datagram = Datagram::open(input);
  if (!datagram) {
    to_string(datagram.error());
    return;
  }
  ItemCursor samples = datagram->samples();
  std::size_t seen = 0;
  while (const auto sample = samples.next()) {
    check_inside(sample->body, input);
    if (++seen > datagram->header().sample_count) std::abort();
    if (is_flow_sample(sample->tag)) check_records(read_flow_sample(*sample), sample->body, true);
    if (is_counter_sample(sample->tag)) {
      check_records(read_counter_sample(*sample), sample->body, false);
    }
    if (sample->tag == kDropSample) check_records(read_drop_sample(*sample), sample->body, true);
  }
  if (!samples.fault() && seen != datagram->header().sample_count) std::abort();
}

}  // namespace
}  // namespace fabrix::sflow

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fabrix::sflow::run(std::as_bytes(std::span(data, size)));
  return 0;
}
