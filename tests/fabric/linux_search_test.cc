#include "fabric/linux_search.h"

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fabric/linux_rows.h"

namespace fabrix::fabric {
namespace {

using ebpf::Code;
using ebpf::Instruction;

using Fields = std::array<std::uint64_t, kLinuxMetadata + 1>;

// Runs what write_search() writes, by RFC 9669: loads of the fields, masks, comparisons, jumps.
// What is in r0 at the end.
class Machine {
 public:
  explicit Machine(const Fields& fields) : fields_(fields) {}

  std::uint64_t run(const Code& code) {
    for (std::size_t at = 0;;) {
      const Instruction& now = code[at++];
      ++steps_;
      const unsigned to = now.registers & 0x0fU;
      const unsigned from = now.registers >> 4U;
      const auto constant = static_cast<std::uint64_t>(std::int64_t{now.constant});
      switch (now.code) {
        case 0x18:
          registers_.at(to) = static_cast<std::uint32_t>(now.constant) |
                              static_cast<std::uint64_t>(code[at++].constant) << 32U;
          break;
        case 0x79:
          registers_.at(to) = fields_.at(static_cast<std::size_t>(now.offset) / 8);
          break;
        case 0x54:
          registers_.at(to) &= static_cast<std::uint32_t>(now.constant);
          break;
        case 0x5f:
          registers_.at(to) &= registers_.at(from);
          break;
        case 0xb7:
          registers_.at(to) = constant;
          break;
        case 0x05:
          at = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(at) + now.offset);
          break;
        case 0x06:
          at = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(at) + now.constant);
          break;
        case 0x95:
          return registers_[0];
        default:
          if (holds(now))
            at = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(at) + now.offset);
      }
    }
  }
  std::size_t steps() const { return steps_; }

 private:
  bool holds(const Instruction& now) const {
    std::uint64_t left = registers_.at(now.registers & 0x0fU);
    std::uint64_t right = (now.code & 0x08U) != 0 ? registers_.at(now.registers >> 4U)
                                                  : static_cast<std::uint64_t>(now.constant);
    if ((now.code & 0x07U) == 0x06) {
      left &= 0xffffffffU;
      right &= 0xffffffffU;
    }
    switch (now.code & 0xf0U) {
      case 0x10:
        return left == right;
      case 0x30:
        return left >= right;
      case 0x50:
        return left != right;
      case 0xa0:
        return left < right;
      default:
        ADD_FAILURE() << "unknown " << static_cast<int>(now.code);
        return false;
    }
  }

  const Fields& fields_;
  std::array<std::uint64_t, 11> registers_{};
  std::size_t steps_ = 0;
};

constexpr std::uint64_t kNothing = 1'000'000;

Code search_code(const std::vector<LinuxForm>& forms) {
  ebpf::Assembler out;
  const auto nothing = out.new_label();
  write_search(out, forms,
               {.found =
                    [&out](std::size_t form, ebpf::Assembler::Label) {
                      out.move(ebpf::Register::r0, static_cast<std::int32_t>(form));
                      out.exit();
                    },
                .nothing = nothing},
               enough());
  out.bind(nothing);
  out.move(ebpf::Register::r0, static_cast<std::int32_t>(kNothing));
  out.exit();
  return out.finish().value();
}

// The first that matches.
std::uint64_t plainly(const std::vector<LinuxForm>& forms, const Fields& fields) {
  for (std::size_t i = 0; i < forms.size(); ++i) {
    const bool matches = std::ranges::all_of(forms[i].tests, [&](const LinuxTest& test) {
      return (fields.at(test.field) & test.mask) == test.bits;
    });
    if (matches) return i;
  }
  return kNothing;
}

class LinuxSearchTest : public ::testing::Test {
 protected:
  std::uint64_t below(std::uint64_t count) { return random_() % count; }

  // Of few values, so that much overlaps.
  LinuxTest test_of(LinuxField field) {
    const std::uint64_t max = field == kLinuxMetadata
                                  ? ~std::uint64_t{0}
                                  : net::max_value(static_cast<net::Field>(field));
    std::uint64_t mask = max;
    if (below(3) == 0) mask = max & ~((std::uint64_t{1} << below(4)) - 1);  // a prefix
    if (below(6) == 0) mask = 1 + below(7);
    return {field, below(8) & mask, mask};
  }

  std::vector<program::Row> rows_;
  std::mt19937_64 random_{20261121};
};

TEST_F(LinuxSearchTest, FindsTheFirstFormThatMatches) {
  rows_.push_back(row_to(1, 1));
  for (int world = 0; world < 60; ++world) {
    SCOPED_TRACE(world);
    std::vector<LinuxForm> forms;
    const std::size_t count = 1 + below(world < 50 ? 40 : 400);
    for (std::size_t i = 0; i < count; ++i) {
      LinuxForm form{.rows = {rows_.data()}, .tests = {}, .key = {}};
      for (const LinuxField field :
           {LinuxField{0}, LinuxField{5}, LinuxField{10}, LinuxField{15}, kLinuxMetadata}) {
        if (below(2) == 0) form.tests.push_back(test_of(field));
      }
      forms.push_back(std::move(form));
    }
    const Code code = search_code(forms);
    for (int i = 0; i < 300; ++i) {
      Fields fields{};
      for (std::uint64_t& each : fields) each = below(10);
      ASSERT_EQ(Machine(fields).run(code), plainly(forms, fields));
    }
  }
}

TEST_F(LinuxSearchTest, TakesTheLogarithmOfTheirNumber) {
  rows_.push_back(row_to(1, 1));
  std::vector<LinuxForm> forms;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    const LinuxTest port{static_cast<LinuxField>(net::Field::kDstPort), i, 0xffff};
    forms.push_back({.rows = {rows_.data()}, .tests = {port}, .key = {}});
  }
  const Code code = search_code(forms);
  Fields fields{};
  fields[static_cast<std::size_t>(net::Field::kDstPort)] = 2777;
  Machine machine(fields);
  EXPECT_EQ(machine.run(code), 2777U);
  EXPECT_LT(machine.steps(), 40U);
}

}  // namespace
}  // namespace fabrix::fabric
