#include "sflow/record.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/assert.h"
#include "base/byte_writer.h"

namespace fabrix::sflow {
namespace {

constexpr std::size_t kUuidSize = 16;
constexpr std::size_t kMacSize = 8;  // with its padding

const RecordSchema* find(std::span<const RecordSchema> schemas, Tag tag) {
  const auto found = std::ranges::lower_bound(schemas, tag, {}, &RecordSchema::tag);
  return found != schemas.end() && found->tag == tag ? &*found : nullptr;
}

Bytes read_macs(XdrReader& in) {
  const std::uint32_t count = in.u32();
  if (count <= in.remaining() / kMacSize) return in.bytes(count * kMacSize);
  in.fail();
  return {};
}

std::uint64_t read_octet(XdrReader& in) {
  const Bytes octet = in.bytes(1);
  return octet.empty() ? 0 : std::to_integer<std::uint64_t>(octet.front());
}

// The octets of the segments and of their number.
Bytes read_as_path(XdrReader& in) {
  const Bytes all = in.rest();
  const std::uint32_t segments = in.u32();
  // Each takes eight octets at least, so this ends with the octets.
  for (std::uint32_t segment = 0; segment < segments && in.ok(); ++segment) {
    in.u32();
    in.words();
  }
  return in.ok() ? all.first(all.size() - in.remaining()) : Bytes{};
}

void write_u64(ByteWriter& out, std::uint64_t value) {
  out.u32(static_cast<std::uint32_t>(value >> 32U));
  out.u32(static_cast<std::uint32_t>(value));
}

void write_padded(ByteWriter& out, Bytes octets) {
  out.bytes(octets);
  for (std::size_t size = octets.size(); size % 4 != 0; ++size) out.u8(0);
}

void write_address(ByteWriter& out, const net::IpAddress& address) {
  out.bytes(std::as_bytes(address.octets()));
}

void write_number(ByteWriter& out, FieldType type, std::uint64_t number) {
  if (type == FieldType::kU64) {
    write_u64(out, number);
  } else if (type == FieldType::kU8) {
    out.u8(static_cast<std::uint8_t>(number));
  } else {
    out.u32(static_cast<std::uint32_t>(number));
  }
}

void write_octets(ByteWriter& out, FieldType type, Bytes octets) {
  // Padding would be read as part of it.
  if (type == FieldType::kRest) return out.bytes(octets);
  const auto size = static_cast<std::uint32_t>(octets.size());
  if (type == FieldType::kString || type == FieldType::kOpaque) out.u32(size);
  if (type == FieldType::kMacs) out.u32(size / kMacSize);
  const bool of_words = type == FieldType::kWords || type == FieldType::kLabels;
  if (of_words || type == FieldType::kVlanTags) out.u32(size / 4);
  write_padded(out, octets);
}

void write_field(ByteWriter& out, FieldType type, const FieldValue& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    write_number(out, type, *number);
  } else if (const auto* real = std::get_if<float>(&value)) {
    out.u32(std::bit_cast<std::uint32_t>(*real));
  } else if (const auto* mac = std::get_if<net::MacAddress>(&value)) {
    write_padded(out, std::as_bytes(std::span(mac->octets())));
  } else if (const auto* address = std::get_if<net::IpAddress>(&value)) {
    const bool tagged = type == FieldType::kAddress;
    if (tagged) out.u32(address->family() == net::Family::kIpv4 ? 1 : 2);
    write_address(out, *address);
  } else {
    write_octets(out, type, std::get<Bytes>(value));
  }
}

}  // namespace

const RecordSchema* find_flow_schema(Tag tag) {
  return find(flow_schemas(), tag);
}

const RecordSchema* find_counter_schema(Tag tag) {
  return find(counter_schemas(), tag);
}

// The field to read next. None when the structure, or the edition of it that the agent knows, ends.
const FieldSchema* FieldCursor::advance() {
  if (repeat_end_ != 0 && next_ == repeat_end_) {
    if (repeats_ > 1) {
      --repeats_;
      ++repetition_;
      next_ = repeat_begin_;
    } else {
      repeat_end_ = 0;
      repetition_ = 0;
    }
  }
  if (next_ == schema_->fields.size()) return nullptr;
  const bool complete = schema_->required != 0 && next_ >= schema_->required;
  if (reader_.at_end() && complete && repeat_end_ == 0) return nullptr;
  return &schema_->fields[next_];
}

std::optional<Field> FieldCursor::next() {
  const FieldSchema* const field = reader_.ok() ? advance() : nullptr;
  if (field == nullptr) return std::nullopt;
  Field result{field, repetition_, read(*field)};
  ++next_;
  if (field->type != FieldType::kRepeat) {
    return reader_.ok() ? std::optional(result) : std::nullopt;
  }
  const auto times = std::get<std::uint64_t>(result.value);
  // A repetition has a word at least.
  if (times > reader_.remaining() / 4) reader_.fail();
  if (!reader_.ok()) return std::nullopt;
  if (times == 0) {
    next_ += field->count;
  } else {
    repeat_begin_ = next_;
    repeat_end_ = next_ + field->count;
    repeats_ = static_cast<std::uint32_t>(times);
  }
  return result;
}

FieldValue FieldCursor::read(const FieldSchema& field) {
  switch (field.type) {
    case FieldType::kU8:
      return read_octet(reader_);
    case FieldType::kU64:
      return reader_.u64();
    case FieldType::kFloat:
      return std::bit_cast<float>(reader_.u32());
    case FieldType::kMac:
      return reader_.mac();
    case FieldType::kIpv4:
      return reader_.ipv4();
    case FieldType::kIpv6:
      return reader_.ipv6();
    case FieldType::kAddress:
      return reader_.address();
    case FieldType::kString:
    case FieldType::kOpaque:
      return reader_.opaque();
    case FieldType::kUuid:
      return reader_.bytes(kUuidSize);
    case FieldType::kWords:
    case FieldType::kLabels:
    case FieldType::kVlanTags:
      return reader_.words();
    case FieldType::kMacs:
      return read_macs(reader_);
    case FieldType::kAsPath:
      return read_as_path(reader_);
    case FieldType::kRest:
      return reader_.bytes(reader_.remaining());
    case FieldType::kU32:
    case FieldType::kI32:
    case FieldType::kHundredths:
    case FieldType::kRepeat:
      break;
  }
  return std::uint64_t{reader_.u32()};
}

std::optional<FieldValue> find_field(const RecordSchema& schema, Bytes body,
                                     std::string_view name) {
  FieldCursor cursor(schema, body);
  while (const auto field = cursor.next()) {
    if (field->schema->name == name) return field->value;
  }
  return std::nullopt;
}

std::vector<std::byte> encode_record(const RecordSchema& schema,
                                     std::span<const FieldValue> values) {
  ByteWriter out;
  std::size_t used = 0;
  for (std::size_t field = 0; field < schema.fields.size() && used < values.size(); ++field) {
    const FieldSchema& described = schema.fields[field];
    write_field(out, described.type, values[used]);
    ++used;
    if (described.type != FieldType::kRepeat) continue;
    const auto times = std::get<std::uint64_t>(values[used - 1]);
    const std::size_t count = described.count;
    FABRIX_ASSERT(values.size() - used >= times * count);
    for (std::size_t value = 0; value < times * count; ++value, ++used) {
      write_field(out, schema.fields[field + 1 + value % count].type, values[used]);
    }
    field += count;
  }
  FABRIX_ASSERT(used == values.size());
  return out.take();
}

}  // namespace fabrix::sflow
