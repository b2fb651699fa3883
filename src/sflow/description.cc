#include "sflow/description.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sflow/field_text.h"
#include "sflow/flow_records.h"
#include "sflow/header_description.h"
#include "sflow/record.h"

namespace fabrix::sflow {
namespace {

using Part = DescriptionSink::Part;

constexpr std::array<std::string_view, 3> kDirections{"unknown", "received", "sent"};
constexpr std::array<std::string_view, 11> kApplicationStatus{
    "SUCCESS",   "OTHER",           "TIMEOUT",   "INTERNAL_ERROR", "BAD_REQUEST", "FORBIDDEN",
    "TOO_LARGE", "NOT_IMPLEMENTED", "NOT_FOUND", "UNAVAILABLE",    "UNAUTHORIZED"};
constexpr Tag kApplicationOperation = Tag::of(0, 2202);
constexpr Tag kTcpInfo = Tag::of(0, 2209);

// The name of a repetition's field: '%' is its number.
std::string numbered(std::string_view name, std::uint32_t repetition) {
  const auto at = name.find('%');
  if (at == std::string_view::npos) return std::string(name);
  return fmt::format("{}{}{}", name.substr(0, at), repetition, name.substr(at + 1));
}

// Ports are those of the protocol that was named before them.
std::string port_name(std::string_view name, std::uint64_t protocol) {
  const bool port = name.ends_with("srcPort") || name.ends_with("dstPort");
  if (!port || (protocol != 6 && protocol != 17)) return std::string(name);
  const auto prefix = name.substr(0, name.size() - 7);
  return fmt::format("{}{}{}Port", prefix, protocol == 6 ? "TCP" : "UDP",
                     name.ends_with("srcPort") ? "Src" : "Dst");
}

class Describer {
 public:
  explicit Describer(DescriptionSink& sink) : sink_(sink) {}

  void datagram(Bytes bytes, const Arrival& arrival) {
    sink_.begin(Part::kDatagram);
    if (arrival.source) sink_.value("datagramSourceIP", arrival.source->to_string());
    number("datagramSize", bytes.size());
    sink_.value("unixSecondsUTC", fmt::to_string(arrival.unix_seconds));
    if (const auto datagram = Datagram::open(bytes)) {
      samples(*datagram);
    } else {
      sink_.fault(to_string(datagram.error()));
    }
    sink_.end(Part::kDatagram);
  }

 private:
  void number(std::string_view name, std::uint64_t value) {
    sink_.value(name, fmt::to_string(value));
  }

  void samples(const Datagram& datagram) {
    const DatagramHeader& header = datagram.header();
    number("datagramVersion", kSflowVersion);
    number("agentSubId", header.sub_agent);
    sink_.value("agent", header.agent.to_string());
    number("packetSequenceNo", header.sequence);
    number("sysUpTime", header.uptime_ms);
    number("samplesInPacket", header.sample_count);
    ItemCursor cursor = datagram.samples();
    while (const auto item = cursor.next()) sample(*item);
    if (cursor.fault()) sink_.fault(to_string(*cursor.fault()));
  }

  void sample(const Item& item) {
    sink_.begin(Part::kSample);
    sink_.value("sampleType_tag", to_string(item.tag));
    if (is_flow_sample(item.tag)) {
      flow(read_flow_sample(item));
    } else if (is_counter_sample(item.tag)) {
      counters(read_counter_sample(item));
    } else if (item.tag == kDropSample) {
      drop(read_drop_sample(item));
    } else {
      number("unknownSampleLength", item.body.size());
    }
    sink_.end(Part::kSample);
  }

  void source(std::uint32_t sequence, const SourceId& id) {
    number("sampleSequenceNo", sequence);
    sink_.value("sourceId", fmt::format("{}:{}", id.type, id.index));
  }

  void interface(std::string_view name, const Interface& interface) {
    switch (interface.format) {
      case 0:
        return number(name, interface.value);
      case 1:
        return sink_.value(name, fmt::format("dropCode {}", interface.value));
      case 2:
        return sink_.value(name, fmt::format("multiple {}", interface.value));
      default:
        return sink_.value(name, fmt::format("format=={} {}", interface.format, interface.value));
    }
  }

  void flow(const Result<FlowSample, Fault>& flow) {
    sink_.value("sampleType", "FLOWSAMPLE");
    if (!flow) return sink_.fault(to_string(flow.error()));
    source(flow->sequence, flow->source);
    number("meanSkipCount", flow->sampling_rate);
    number("samplePool", flow->sample_pool);
    number("dropEvents", flow->drops);
    interface("inputPort", flow->input);
    interface("outputPort", flow->output);
    elements(flow->records(), find_flow_schema, "flowBlock_tag");
  }

  void counters(const Result<CounterSample, Fault>& counters) {
    sink_.value("sampleType", "COUNTERSSAMPLE");
    if (!counters) return sink_.fault(to_string(counters.error()));
    source(counters->sequence, counters->source);
    elements(counters->records(), find_counter_schema, "counterBlock_tag");
  }

  void drop(const Result<DropSample, Fault>& drop) {
    sink_.value("sampleType", "DROPPED_PACKET");
    if (!drop) return sink_.fault(to_string(drop.error()));
    source(drop->sequence, drop->source);
    number("dropEvents", drop->drops);
    number("inputPort", drop->input);
    number("outputPort", drop->output);
    const auto name = drop_reason_name(drop->reason);
    sink_.value("dropReason", name.empty() ? fmt::to_string(drop->reason) : std::string(name));
    elements(drop->records(), find_flow_schema, "discardBlock_tag");
  }

  void elements(ItemCursor cursor, const RecordSchema* (*find)(Tag), std::string_view tag_name) {
    while (const auto item = cursor.next()) {
      sink_.begin(Part::kElement);
      sink_.value(tag_name, to_string(item->tag));
      if (const RecordSchema* const schema = find(item->tag)) {
        element(*schema, *item);
      } else {
        number("unknownLength", item->body.size());
      }
      sink_.end(Part::kElement);
    }
    if (cursor.fault()) sink_.fault(to_string(*cursor.fault()));
  }

  void element(const RecordSchema& schema, const Item& item) {
    if (!schema.kind.empty()) sink_.value(schema.kind, schema.name);
    std::uint64_t protocol = 0;
    FieldCursor cursor(schema, item.body);
    while (const auto field = cursor.next()) {
      if (field->schema->name.ends_with("IPProtocol")) {
        protocol = std::get<std::uint64_t>(field->value);
      }
      this->field(schema.tag, *field, protocol);
    }
    if (!cursor.ok()) {
      sink_.fault(to_string(Fault{.part = Fault::Part::kRecord,
                                  .reason = Fault::Reason::kNotItsStructure,
                                  .offset = item.offset,
                                  .left = item.body.size(),
                                  .tag = item.tag.value}));
    }
    if (item.tag != kSampledHeader) return;
    if (const auto header = read_sampled_header(item.body)) describe_header(*header, sink_);
  }

  void field(Tag tag, const Field& field, std::uint64_t protocol) {
    const FieldSchema& schema = *field.schema;
    const auto* octets = std::get_if<Bytes>(&field.value);
    if (schema.type == FieldType::kOpaque) number("headerLen", octets->size());
    if (schema.type == FieldType::kMacs) return macs(schema, field.repetition, *octets);
    text_.clear();
    append_text(schema.type, field.value, text_);
    if (const auto* value = std::get_if<std::uint64_t>(&field.value)) {
      rename(tag, schema.name, *value);
    }
    // As sflowtool does, nothing is said of strings and arrays without contents.
    if (octets == nullptr || !text_.empty()) {
      sink_.value(port_name(numbered(schema.name, field.repetition), protocol), text_);
    }
    if (schema.type != FieldType::kAsPath) return;
    const AsPathEnds ends = as_path_ends(*octets);
    number("dst_as", ends.as);
    number("dst_peer_as", ends.peer_as);
  }

  // Numbers that have names.
  void rename(Tag tag, std::string_view name, std::uint64_t value) {
    if (tag == kTcpInfo && name == "tcpinfo_direction" && value < kDirections.size()) {
      text_ = kDirections.at(value);
    }
    if (tag == kApplicationOperation && name == "status" && value < kApplicationStatus.size()) {
      text_ = kApplicationStatus.at(value);
    }
  }

  // "adaptor_0_MACs" is their number, "adaptor_0_MAC_1" one of them.
  void macs(const FieldSchema& schema, std::uint32_t repetition, Bytes octets) {
    const std::string name = numbered(schema.name, repetition);
    const std::string_view one = std::string_view(name).substr(0, name.size() - 1);
    number(name, octets.size() / 8);
    for (std::size_t at = 0; at + 8 <= octets.size(); at += 8) {
      text_.clear();
      append_mac(octets.subspan(at, 6), text_);
      sink_.value(fmt::format("{}_{}", one, at / 8), text_);
    }
  }

  DescriptionSink& sink_;
  std::string text_;
};

}  // namespace

void describe(Bytes datagram, const Arrival& arrival, DescriptionSink& sink) {
  Describer(sink).datagram(datagram, arrival);
}

}  // namespace fabrix::sflow
