#include "sflow/record.h"

#include <random>

#include <gtest/gtest.h>

#include "base/byte_writer.h"
#include "tests/sflow/captures.h"

namespace fabrix::sflow {
namespace {

// Values of a record, and the octets that they view.
struct Drawn {
  std::vector<std::vector<std::byte>> octets;
  std::vector<FieldValue> values;
};

class Draw {
 public:
  explicit Draw(unsigned seed) : random_(seed) {}

  Drawn record(const RecordSchema& schema) {
    Drawn drawn;
    for (std::size_t i = 0; i < schema.fields.size(); ++i) {
      const FieldSchema& field = schema.fields[i];
      if (field.type != FieldType::kRepeat) {
        drawn.values.push_back(value(field.type, drawn));
        continue;
      }
      const std::uint64_t times = draw() % 4;
      drawn.values.emplace_back(times);
      for (std::size_t n = 0; n < times * field.count; ++n) {
        drawn.values.push_back(value(schema.fields[i + 1 + n % field.count].type, drawn));
      }
      i += field.count;
    }
    return drawn;
  }

 private:
  std::uint32_t draw() { return static_cast<std::uint32_t>(random_()); }

  Bytes octets(std::size_t size, Drawn& drawn) {
    std::vector<std::byte> made(size);
    for (auto& octet : made) octet = static_cast<std::byte>(draw() & 0xffU);
    return drawn.octets.emplace_back(std::move(made));
  }

  Bytes as_path(Drawn& drawn) {
    ByteWriter out;
    const unsigned segments = draw() % 3;
    out.u32(segments);
    for (unsigned segment = 0; segment < segments; ++segment) {
      const unsigned count = draw() % 4;
      out.u32(1 + draw() % 2);
      out.u32(count);
      for (unsigned n = 0; n < count; ++n) out.u32(draw());
    }
    return drawn.octets.emplace_back(out.take());
  }

  net::IpAddress ip(net::Family family) {
    if (family == net::Family::kIpv4) return net::IpAddress::v4({192, 0, 2, octet()});
    return net::IpAddress::v6({0x20, 1, 0xd, 0xb8, octet(), octet()});
  }

  std::uint8_t octet() { return static_cast<std::uint8_t>(draw() & 0xffU); }

  FieldValue value(FieldType type, Drawn& drawn) {
    switch (type) {
      case FieldType::kU8:
        return std::uint64_t{octet()};
      case FieldType::kU64:
        return std::uint64_t{draw()} << 32U | draw();
      case FieldType::kFloat:
        return static_cast<float>(draw() % 1000) / 8;
      case FieldType::kMac:
        return net::MacAddress::from_u64(draw());
      case FieldType::kIpv4:
        return ip(net::Family::kIpv4);
      case FieldType::kIpv6:
        return ip(net::Family::kIpv6);
      case FieldType::kAddress:
        return ip(draw() % 2 == 0 ? net::Family::kIpv4 : net::Family::kIpv6);
      case FieldType::kString:
      case FieldType::kOpaque:
        return octets(draw() % 20, drawn);
      case FieldType::kUuid:
        return octets(16, drawn);
      case FieldType::kWords:
      case FieldType::kLabels:
      case FieldType::kVlanTags:
      case FieldType::kRest:
        return octets(std::size_t{4} * (draw() % 4), drawn);
      case FieldType::kMacs:
        return octets(std::size_t{8} * (draw() % 3), drawn);
      case FieldType::kAsPath:
        return as_path(drawn);
      default:
        return std::uint64_t{draw()};
    }
  }

  std::mt19937 random_;
};

void expect_same(const FieldValue& read, const FieldValue& written) {
  ASSERT_EQ(read.index(), written.index());
  if (const auto* octets = std::get_if<Bytes>(&written)) {
    EXPECT_EQ(as_text(std::get<Bytes>(read)), as_text(*octets));
  } else {
    std::visit(
        [&](const auto& value) {
          using Value = std::decay_t<decltype(value)>;
          if constexpr (!std::is_same_v<Value, Bytes>) {
            EXPECT_EQ(std::get<Value>(read), value);
          }
        },
        written);
  }
}

void round_trip(const RecordSchema& schema, unsigned seed) {
  SCOPED_TRACE(testing::Message() << to_string(schema.tag) << " seed " << seed);
  const Drawn drawn = Draw(seed).record(schema);
  const auto bytes = encode_record(schema, drawn.values);
  EXPECT_EQ(bytes.size() % 4, 0U);
  FieldCursor cursor(schema, bytes);
  std::size_t read = 0;
  while (const auto field = cursor.next()) {
    ASSERT_LT(read, drawn.values.size());
    expect_same(field->value, drawn.values[read]);
    ++read;
  }
  EXPECT_TRUE(cursor.ok());
  EXPECT_EQ(read, drawn.values.size());
}

TEST(Record, EveryStructureIsReadAsItIsWritten) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    for (const auto& schema : flow_schemas()) round_trip(schema, seed);
    for (const auto& schema : counter_schemas()) round_trip(schema, seed);
  }
}

// A structure that is cut off is refused, unless it ends where its first edition did or later.
TEST(Record, EveryTruncationEndsWithinTheOctets) {
  for (const auto& schema : counter_schemas()) {
    const Drawn drawn = Draw(7).record(schema);
    const auto bytes = encode_record(schema, drawn.values);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      FieldCursor cursor(schema, Bytes(bytes).first(size));
      std::size_t fields = 0;
      while (cursor.next()) ++fields;
      EXPECT_LE(fields, drawn.values.size());
      // Padding at the very end may be missing.
      if (cursor.ok() && size + 3 < bytes.size()) {
        EXPECT_NE(schema.required, 0) << to_string(schema.tag) << " " << size;
        EXPECT_GE(fields, schema.required);
      }
    }
  }
}

TEST(Record, TheHostsProcessorHasTwoEditions) {
  const auto* schema = find_counter_schema(Tag::of(0, 2003));
  ASSERT_NE(schema, nullptr);
  const std::vector<std::byte> bytes(80);
  EXPECT_TRUE(find_field(*schema, bytes, "cpu_guest_nice"));
  FieldCursor old(*schema, Bytes(bytes).first(68));
  std::size_t fields = 0;
  while (old.next()) ++fields;
  EXPECT_TRUE(old.ok());
  EXPECT_EQ(fields, 17U);
  FieldCursor broken(*schema, Bytes(bytes).first(66));
  while (broken.next()) {
  }
  EXPECT_FALSE(broken.ok());
}

TEST(Record, WhatIsLongerThanItsStructureIsReadAsFarAsItGoes) {
  const auto* schema = find_counter_schema(Tag::of(0, 2));
  const std::vector<std::byte> bytes(60);
  FieldCursor cursor(*schema, bytes);
  std::size_t fields = 0;
  while (cursor.next()) ++fields;
  EXPECT_EQ(fields, 13U);
  EXPECT_TRUE(cursor.ok());
}

TEST(Record, ANumberOfRepetitionsIsBoundedByTheOctets) {
  const auto* schema = find_counter_schema(Tag::of(0, 2001));
  const std::vector<std::byte> bytes{std::byte{0xff}, std::byte{0xff}, std::byte{0xff},
                                     std::byte{0xff}, std::byte{0},    std::byte{0},
                                     std::byte{0},    std::byte{1}};
  FieldCursor cursor(*schema, bytes);
  EXPECT_FALSE(cursor.next());
  EXPECT_FALSE(cursor.ok());
}

TEST(Record, RepeatedFieldsTellTheirRepetition) {
  const auto* schema = find_counter_schema(Tag::of(0, 2001));
  const std::vector<FieldValue> values{std::uint64_t{2}, std::uint64_t{3}, Bytes{},
                                       std::uint64_t{4}, Bytes{}};
  const auto bytes = encode_record(*schema, values);
  FieldCursor cursor(*schema, bytes);
  std::vector<std::uint32_t> repetitions;
  while (const auto field = cursor.next()) repetitions.push_back(field->repetition);
  EXPECT_EQ(repetitions, (std::vector<std::uint32_t>{0, 0, 0, 1, 1}));
}

TEST(Record, HasNoFieldThatItsStructureHasNot) {
  const RecordSchema* const schema = find_flow_schema(Tag::of(0, 2));
  ASSERT_NE(schema, nullptr);
  EXPECT_FALSE(find_field(*schema, std::vector<std::byte>(24), "colour"));
}

// What is left of a record is written as it was, not filled up to a word.
TEST(Record, WhatIsLeftHasNoPadding) {
  const RecordSchema* const schema = find_flow_schema(Tag::of(0, 1016));
  ASSERT_NE(schema, nullptr);
  const std::vector<std::byte> body(4 + 45);
  std::vector<FieldValue> values;
  FieldCursor cursor(*schema, body);
  while (const auto field = cursor.next()) values.push_back(field->value);
  EXPECT_EQ(encode_record(*schema, values), body);
}

TEST(Record, NobodyKnowsEveryTag) {
  EXPECT_EQ(find_flow_schema(Tag::of(0, 999)), nullptr);
  EXPECT_EQ(find_flow_schema(Tag::of(1, 1)), nullptr);
  EXPECT_EQ(find_counter_schema(Tag::of(0, 4000)), nullptr);
  EXPECT_EQ(find_counter_schema(Tag{0xffffffff}), nullptr);
}

}  // namespace
}  // namespace fabrix::sflow
