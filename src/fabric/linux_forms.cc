#include "fabric/linux_forms.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "fabric/linux_gathering.h"
#include "fabric/linux_layout.h"

namespace fabrix::fabric {
namespace {

using program::Row;

// Fewer are as well off as code.
constexpr std::size_t kFewRows = 5;

// So many rows are gathered whatever their priorities: as code they would take the kernel's
// verifier seconds.
constexpr std::size_t kManyRows = 512;

// What rows of one form have in common besides the tests of all, and their masks.
struct Shape {
  std::uint64_t written = 0;  // metadata
  std::optional<net::Field> set;
  std::size_t kind = 0;  // of what is next
  std::optional<program::TableId> table;
  bool counts = false;
  std::optional<program::Meter> limit;  // whose, and where it counts, left out

  // NOLINTNEXTLINE(readability-implicit-bool-conversion): clang-tidy 14 sees one in it.
  friend auto operator<=>(const Shape&, const Shape&) = default;
};

std::optional<Shape> shape_of(const Row& row) {
  const bool plain = row.copies.empty() && row.set_fields.size() <= 1 &&
                     !std::holds_alternative<program::Fork>(row.next);
  if (!plain) return std::nullopt;
  Shape shape{.written = row.write_metadata.mask,
              .set = {},
              .kind = row.next.index(),
              .table = {},
              .counts = !row.queries.empty(),
              .limit = row.meter};
  if (shape.limit) {
    shape.limit->id = 0;
    shape.limit->counter = row.meter->counter == 0 ? 0 : 1;
  }
  if (!row.set_fields.empty()) shape.set = row.set_fields.front().field;
  if (const auto* jump = std::get_if<program::Goto>(&row.next)) shape.table = jump->table;
  return shape;
}

// A number for each shape; rows that have none stand alone.
class Kinds {
 public:
  LinuxKind of(const Row& row) {
    const auto shape = shape_of(row);
    if (!shape) return next_++;
    const auto [found, is_new] = known_.try_emplace(*shape, next_);
    if (is_new) ++next_;
    return found->second;
  }

 private:
  std::map<Shape, LinuxKind> known_;
  LinuxKind next_ = 0;
};

LinuxForm form_of(const Row* row) {
  return {.rows = {row}, .tests = tests_of(row->match), .key = {}};
}

// None if rows differ in more than a key has room for.
std::optional<LinuxForm> keyed_form(const std::vector<const Row*>& rows, LinuxKind kind) {
  LinuxForm form{.rows = rows, .tests = {}, .key = {}, .kind = kind};
  const std::vector<LinuxTest> first = tests_of(rows.front()->match);
  std::vector<bool> differs(first.size(), false);
  for (const Row* row : rows) {
    const auto tests = tests_of(row->match);
    for (std::size_t i = 0; i < tests.size(); ++i) {
      if (tests[i].bits != first[i].bits) differs[i] = true;
    }
  }
  for (std::size_t i = 0; i < first.size(); ++i) {
    (differs[i] ? form.key : form.tests).push_back(first[i]);
  }
  if (form.key.empty() || form.key.size() > FABRIX_WIDE) return std::nullopt;
  return form;
}

// Rows of one kind with the same masks, which do not overlap.
void add_forms(const std::vector<const Row*>& rows, Kinds& kinds, std::vector<LinuxForm>& forms) {
  auto form = rows.size() < kFewRows ? std::nullopt : keyed_form(rows, kinds.of(*rows.front()));
  if (form) return forms.push_back(*std::move(form));
  for (const Row* row : rows) forms.push_back(form_of(row));
}

// Rows that may be gathered.
void add_forms(std::span<const LinuxCandidate> rows, Kinds& kinds, std::vector<LinuxForm>& forms,
               Budget& budget) {
  for (const auto& group : gather(rows, budget)) add_forms(group, kinds, forms);
}

}  // namespace

std::uint64_t max_of(LinuxField field) {
  return field == kLinuxMetadata ? ~std::uint64_t{0}
                                 : net::max_value(static_cast<net::Field>(field));
}

std::vector<LinuxTest> tests_of(const program::Match& match) {
  std::vector<LinuxTest> tests;
  for (const program::FieldMatch& each : match.fields) {
    tests.push_back({static_cast<LinuxField>(each.field), each.bits, each.mask});
  }
  if (match.metadata.mask != 0) {
    tests.push_back({kLinuxMetadata, match.metadata.bits, match.metadata.mask});
  }
  return tests;
}

std::vector<LinuxForm> forms_of(std::span<const program::Row* const> rows, Budget& budget) {
  Kinds kinds;
  std::vector<LinuxCandidate> candidates;
  for (const Row* row : rows) candidates.push_back({row, kinds.of(*row)});
  std::vector<LinuxForm> forms;
  if (rows.size() > kManyRows) {
    add_forms(candidates, kinds, forms, budget);
    return forms;
  }
  std::span<const LinuxCandidate> rest = candidates;
  while (!rest.empty()) {
    const auto priority = rest.front().row->priority;
    const auto end = std::ranges::find_if(
        rest, [priority](const LinuxCandidate& each) { return each.row->priority != priority; });
    const auto count = static_cast<std::size_t>(end - rest.begin());
    add_forms(rest.first(count), kinds, forms, budget);
    rest = rest.subspan(count);
  }
  return forms;
}

}  // namespace fabrix::fabric
