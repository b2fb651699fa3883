#include "compiler/codebook.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <utility>

#include "base/assert.h"
#include "compiler/box.h"
#include "compiler/field_plan.h"

namespace fabrix::compiler {
namespace {

using policy::Target;

constexpr unsigned kLeastWidth = 8;

unsigned width_for(std::size_t codes) {
  return static_cast<unsigned>(std::bit_width(codes));  // 0 is a value too
}

std::uint32_t bits_from(unsigned offset, unsigned width) {
  return static_cast<std::uint32_t>(((std::uint64_t{1} << width) - 1) << offset);
}

unsigned total_width(std::span<const CodedTarget> targets) {
  unsigned total = 0;
  for (const CodedTarget& target : targets) total += width_for(target.routers.size());
  return total;
}

bool says(const Units& units, const Unit& unit) {
  return std::ranges::binary_search(units, unit);
}

}  // namespace

const Codebook::Code* Codebook::CodeField::find(const Units& units) const {
  const auto code = std::ranges::lower_bound(codes, units, {}, &Code::units);
  return code == codes.end() || code->units != units ? nullptr : &*code;
}

void Codebook::CodeField::add(Units units) {
  const auto value = static_cast<std::uint32_t>(codes.size() + 1);
  const auto place = std::ranges::lower_bound(codes, units, {}, &Code::units);
  codes.insert(place, {.units = std::move(units), .value = value});
}

Units Codebook::CodeField::part_of(const Units& units) const {
  Units part;
  std::ranges::copy_if(units, std::back_inserter(part), [this](const Unit& unit) {
    return std::ranges::binary_search(targets, unit.target);
  });
  return part;
}

bool Codebook::CodeField::can_say(const Units& units) const {
  const Units part = part_of(units);
  return part.empty() || find(part) != nullptr;
}

Codebook::Codebook(std::span<const CodedTarget> targets, std::span<const Units> present,
                   unsigned width)
    : width_(width) {
  FABRIX_ASSERT(width >= kLeastWidth && width <= program::kReachBits);
  FABRIX_ASSERT(std::ranges::is_sorted(targets, {}, &CodedTarget::target));
  if (!fits_without_sharing(targets, width)) {
    share(targets, present, width);
    return;
  }
  fields_.reserve(targets.size());
  const auto is_placed = [this](const CodedTarget& each) { return place_at_home(each, {}); };
  if (std::ranges::all_of(targets, is_placed)) return;
  fields_.clear();
  for (const CodedTarget& target : targets) fields_.push_back(field_of(target));
  place_in_order();
}

bool Codebook::fits_without_sharing(std::span<const CodedTarget> targets, unsigned width) {
  return total_width(targets) <= width - kGenerationBits;
}

Codebook::CodeField Codebook::field_of(const CodedTarget& target) {
  CodeField field{.targets = {target.target}};
  for (const net::RouterId router : target.routers) {
    field.add({Unit{.target = target.target, .router = router}});
  }
  field.width = width_for(field.codes.size());
  return field;
}

// Whether it gives no bits of the others another meaning.
bool Codebook::fits(const CodeField& field, const std::vector<CodeField>& others) {
  return std::ranges::all_of(others,
                             [&field](const CodeField& each) { return compatible(field, each); });
}

// First fit from the target's home, around the end. False: fragments leave no room for it.
bool Codebook::place_at_home(const CodedTarget& target, const std::vector<CodeField>& meant) {
  const unsigned width = width_ - kGenerationBits;
  CodeField field = field_of(target);
  for (unsigned step = 0; step < width; ++step) {
    field.offset = (target.home + step) % width;
    if (field.offset + field.width > width) continue;
    if (!fits(field, fields_) || !fits(field, meant)) continue;
    fields_.push_back(std::move(field));
    return true;
  }
  return false;
}

// Where the other has it. False: that is nowhere, or it cannot stay there.
bool Codebook::place_as_in(const Codebook& other, const CodedTarget& target,
                           const std::vector<CodeField>& meant) {
  CodeField field = field_of(target);
  const auto known = std::ranges::find(other.fields_, field.targets, &CodeField::targets);
  if (known == other.fields_.end()) return false;
  field.offset = known->offset;
  if (!fits(field, meant)) return false;
  fields_.push_back(std::move(field));
  return true;
}

void Codebook::place_in_order() {
  unsigned offset = 0;
  for (CodeField& field : fields_) {
    field.offset = offset;
    offset += field.width;
  }
  overflow_.offset = offset;
  FABRIX_ASSERT(offset + overflow_.width + kGenerationBits <= width_);
}

void Codebook::share(std::span<const CodedTarget> targets, std::span<const Units> present,
                     unsigned width) {
  FieldPlan plan = plan_fields(targets, present, width - kGenerationBits);
  dropped_ = std::move(plan.dropped);
  for (PlannedField& planned : plan.fields) {
    CodeField field{.width = planned.width};
    for (const CodedTarget& target : planned.targets) {
      field.targets.push_back(target.target);
      overflow_.targets.push_back(target.target);
    }
    for (Units& units : planned.codes) field.add(std::move(units));
    fields_.push_back(std::move(field));
  }
  std::ranges::sort(overflow_.targets);
  overflow_.width = plan.overflow_width;
  for (Units& units : plan.overflow) overflow_.add(std::move(units));
  place_in_order();
}

Units Codebook::without_dropped(const Units& units) const {
  Units rest;
  std::ranges::copy_if(units, std::back_inserter(rest), [this](const Unit& unit) {
    return !std::ranges::binary_search(dropped_, unit.target);
  });
  return rest;
}

bool Codebook::fields_can_say(const Units& units) const {
  return std::ranges::all_of(fields_,
                             [&units](const CodeField& field) { return field.can_say(units); });
}

bool Codebook::can_say(const Units& units) const {
  const Units said = without_dropped(units);
  return fields_can_say(said) || overflow_.find(said) != nullptr;
}

// An alias says it wherever these targets occur; a code of the overflow field for this set alone.
bool Codebook::add(const Units& units) {
  const auto lacks_room = [&units](const CodeField& field) {
    return !field.can_say(units) && !field.has_room();
  };
  if (std::ranges::none_of(fields_, lacks_room)) {
    for (CodeField& field : fields_) {
      if (!field.can_say(units)) field.add(field.part_of(units));
    }
    return true;
  }
  if (!overflow_.has_room()) return false;
  overflow_.add(units);
  return true;
}

std::size_t Codebook::units_in(const CodeField& field) {
  std::size_t units = 0;
  for (const Code& code : field.codes) units += code.units.size();
  return units;
}

std::size_t Codebook::shared_units() const {
  std::size_t units = units_in(overflow_);
  for (const CodeField& field : fields_) {
    for (const Code& code : field.codes) units += code.units.size() > 1 ? code.units.size() : 0;
  }
  return units;
}

std::optional<Codebook> Codebook::extended(std::span<const Units> present) const {
  Codebook more = *this;
  std::size_t overflow_units = units_in(overflow_);
  for (const Units& units : present) {
    if (more.can_say(units)) continue;
    overflow_units += units.size();
    if (overflow_units > kMaxOverflowUnits || !more.add(without_dropped(units))) {
      return std::nullopt;
    }
  }
  return more;
}

std::optional<Codebook> Codebook::with(std::span<const CodedTarget> targets,
                                       const Codebook& meant) const {
  if (!has_a_field_for_each() || !fits_without_sharing(targets, width_)) return std::nullopt;
  Codebook made;
  made.width_ = width_;
  made.generation_ = generation_;
  std::vector<const CodedTarget*> others;
  for (const CodedTarget& target : targets) {
    const bool has_bits = made.place_as_in(*this, target, meant.fields_) ||
                          made.place_as_in(meant, target, meant.fields_);
    if (!has_bits) others.push_back(&target);
  }
  for (const CodedTarget* target : others) {
    if (!made.place_at_home(*target, meant.fields_)) return std::nullopt;
  }
  std::ranges::sort(made.fields_, {}, &CodeField::targets);
  return made;
}

bool Codebook::has_said(std::span<const CodedTarget> targets) const {
  return std::ranges::all_of(targets, [this](const CodedTarget& target) {
    const CodeField field = field_of(target);
    return std::ranges::any_of(fields_, [&field](const CodeField& each) {
      return each.targets == field.targets && each.codes == field.codes;
    });
  });
}

void Codebook::remember(const Codebook& other) {
  width_ = other.width_;
  generation_ = other.generation_;
  for (const CodeField& field : other.fields_) remember(field);
  if (other.overflow_.width > 0) remember(other.overflow_);
}

void Codebook::remember(const CodeField& field) {
  const auto same = std::ranges::find_if(fields_, [&field](const CodeField& each) {
    return each.offset == field.offset && each.width == field.width;
  });
  if (same == fields_.end()) return fields_.push_back(field);
  for (const Code& code : field.codes) {
    const bool is_known =
        std::ranges::find(same->codes, code.value, &Code::value) != same->codes.end();
    if (!is_known) same->codes.push_back(code);
  }
}

std::uint32_t Codebook::generation_bits(unsigned generation) const {
  return generation << (width_ - kGenerationBits);
}

// If each target has a field of its own.
std::uint32_t Codebook::encode_one_by_one(const Units& units) const {
  std::uint32_t reach = 0;
  for (const Unit& unit : units) {
    const auto is_its = [&unit](const CodeField& field) {
      return field.targets.front() == unit.target;
    };
    const auto field = std::ranges::find_if(fields_, is_its);
    if (field == fields_.end()) continue;
    const auto code = std::ranges::find_if(
        field->codes, [&unit](const Code& each) { return each.units.front() == unit; });
    FABRIX_ASSERT(code != field->codes.end());
    reach |= code->value << field->offset;
  }
  return reach;
}

std::optional<Codebook::BitsOfUnits> Codebook::bits_of_units() const {
  if (!has_a_field_for_each()) return std::nullopt;
  BitsOfUnits all{.always = generation_bits(generation_), .units = {}};
  for (const CodeField& field : fields_) {
    for (const Code& code : field.codes) {
      all.units.push_back({.unit = code.units.front(), .bits = code.value << field.offset});
    }
  }
  return all;
}

std::uint32_t Codebook::encode(const Units& units) const {
  if (has_a_field_for_each()) return generation_bits(generation_) | encode_one_by_one(units);
  const Units said = without_dropped(units);
  std::uint32_t reach = generation_bits(generation_);
  // First: a set keeps its code when an alias for a part of it is added.
  if (const Code* const code = overflow_.find(said)) return reach | code->value << overflow_.offset;
  for (const CodeField& field : fields_) {
    const Code* const code = field.find(field.part_of(said));
    if (code == nullptr) {
      FABRIX_ASSERT(field.part_of(said).empty());
      continue;
    }
    reach |= code->value << field.offset;
  }
  return reach;
}

void Codebook::add_tests(const CodeField& field, const Unit& unit,
                         std::vector<ReachTest>& tests) const {
  std::vector<std::uint32_t> values;
  for (const Code& code : field.codes) {
    if (says(code.units, unit)) values.push_back(code.value);
  }
  std::ranges::sort(values);
  for (std::size_t first = 0; first < values.size();) {
    std::size_t last = first;
    while (last + 1 < values.size() && values[last + 1] == values[last] + 1) ++last;
    for (const Ternary& code : cover({values[first], values[last]}, field.width)) {
      const auto bits = static_cast<std::uint32_t>(code.bits) << field.offset;
      const auto mask = static_cast<std::uint32_t>(code.mask) << field.offset;
      tests.push_back({.bits = bits | generation_bits(generation_),
                       .mask = mask | generation_bits(kGenerations - 1)});
    }
    first = last + 1;
  }
}

std::vector<ReachTest> Codebook::tests(const Unit& unit) const {
  std::vector<ReachTest> tests;
  for (const CodeField& field : fields_) {
    if (std::ranges::binary_search(field.targets, unit.target)) add_tests(field, unit, tests);
  }
  add_tests(overflow_, unit, tests);
  return tests;
}

bool Codebook::has_a_field_for_each() const {
  return overflow_.width == 0 && dropped_.empty() &&
         std::ranges::all_of(fields_, [](const auto& field) { return field.targets.size() == 1; });
}

std::optional<std::vector<policy::Target>> Codebook::coded_otherwise(const Codebook& other) const {
  const bool comparable = width_ == other.width_ && generation_ == other.generation_ &&
                          has_a_field_for_each() && other.has_a_field_for_each();
  if (!comparable) return std::nullopt;
  std::vector<policy::Target> found;
  for (const CodeField& field : fields_) {
    const auto known = std::ranges::find(other.fields_, field.targets, &CodeField::targets);
    if (known != other.fields_.end() && *known != field) found.push_back(field.targets.front());
  }
  std::ranges::sort(found);
  return found;
}

// Fields of the same bits whose codes stand for the same, as far as both have them.
bool Codebook::compatible(const CodeField& a, const CodeField& b) {
  const std::uint32_t shared = bits_from(a.offset, a.width) & bits_from(b.offset, b.width);
  if (shared == 0) return true;
  if (a.offset != b.offset || a.width != b.width) return false;
  return std::ranges::all_of(a.codes, [&b](const Code& code) {
    const auto same = std::ranges::find(b.codes, code.value, &Code::value);
    return same == b.codes.end() || same->units == code.units;
  });
}

bool Codebook::contradicts(const Codebook& other) const {
  if (fields_.empty() || other.fields_.empty()) return false;
  if (width_ != other.width_) return true;
  const auto all = [](const Codebook& book) {
    std::vector<const CodeField*> fields{&book.overflow_};
    for (const CodeField& field : book.fields_) fields.push_back(&field);
    return fields;
  };
  for (const CodeField* mine : all(*this)) {
    for (const CodeField* its : all(other)) {
      if (!compatible(*mine, *its)) return true;
    }
  }
  return false;
}

}  // namespace fabrix::compiler
