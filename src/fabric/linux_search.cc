#include "fabric/linux_search.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "fabric/linux_layout.h"

namespace fabrix::fabric {
namespace {

using ebpf::Assembler;
using ebpf::Condition;
using ebpf::Operation;
using ebpf::Register;
using ebpf::Width;
using Label = Assembler::Label;

constexpr std::size_t kFieldsAndMetadata = kLinuxMetadata + 1;
// Parts of a list that are looked up at once may hold so many times as many forms as the list.
constexpr std::size_t kMostGrowth = 3;
constexpr std::size_t kFreeGrowth = 16;
// All lists may hold so many times as many forms as there are.
constexpr std::size_t kMostCopies = 6;
constexpr std::size_t kFreeCopies = 1024;
// Ends of lists that are short enough to be looked for among those that are there.
constexpr std::size_t kShortEnd = 48;
// Steps in a list until it is looked at again, or a part of what is left.
constexpr std::size_t kFewSteps = 16;
// Work for one look-up.
constexpr std::size_t kMostWork = 4'000'000;
// Steps of looking for a form in all fields, and of an instruction, which the kernel is to verify.
constexpr std::uint64_t kLook = 8;
constexpr std::uint64_t kWrite = 40;

// What packets mostly are, by field: code for them lies together. Of UDP, between hosts that are
// not of the LAN, to a tag.
constexpr std::array<std::uint64_t, kFieldsAndMetadata> kTypical = [] {
  std::array<std::uint64_t, kFieldsAndMetadata> values{};
  const auto set = [&values](net::Field field, std::uint64_t value) {
    values.at(static_cast<std::size_t>(field)) = value;
  };
  set(net::Field::kInPort, 1);
  set(net::Field::kEthType, 0x0800);
  set(net::Field::kSrcMac, 0x000000000001);
  set(net::Field::kDstMac, 0x020000000000);
  set(net::Field::kProtocol, 17);
  set(net::Field::kSrcIp4, 0x08080808);
  set(net::Field::kDstIp4, 0x08080808);
  set(net::Field::kSrcPort, 0x8000);
  set(net::Field::kDstPort, 0x8000);
  return values;
}();

// A form, and which of its tests are known to hold: bits by field.
struct Item {
  std::uint32_t form = 0;
  std::uint32_t done = 0;

  friend auto operator<=>(const Item&, const Item&) = default;
};
using Items = std::vector<Item>;

bool is_narrow(LinuxField field) {
  return max_of(field) <= 0xffffffffU;
}

Assembler::Place place_of(LinuxField field) {
  return {Register::r7, static_cast<std::int16_t>(8 * field)};
}

// Leading bits of the field.
bool is_prefix(LinuxField field, std::uint64_t mask) {
  const std::uint64_t rest = max_of(field) & ~mask;
  return (rest & (rest + 1)) == 0;
}

// A look-up: of the field under the mask, of forms whose test's mask is that, or a part of it if
// `by_range`.
struct Split {
  LinuxField field = 0;
  std::uint64_t mask = 0;
  bool by_range = false;
};

struct Range {
  std::uint64_t first = 0;
  Label to;
};

class SearchWriter {
 public:
  SearchWriter(Assembler& out, std::span<const LinuxForm> forms, const LinuxSearch& search,
               Budget& budget)
      : out_(out), forms_(forms), search_(search), budget_(budget), written_(out.size()) {}

  void write() {
    Items all;
    for (std::uint32_t i = 0; i < forms_.size(); ++i) all.push_back({i, 0});
    room_ = kMostCopies * all.size() + kFreeCopies;
    out_.jump(label_of(std::move(all)));
    // The longest first: these gain most by being parted while there is room for it.
    while (!waiting_.empty() && !budget_.is_spent()) {
      const auto longest = std::prev(waiting_.end());
      const Items next = std::move(longest->second);
      waiting_.erase(longest);
      const auto known = known_.find(next);
      if (!known->second.is_there) write_list(next, known->second);
    }
    take_written();
  }

 private:
  const LinuxTest* open_test(const Item& item, LinuxField field) const {
    if ((item.done >> field & 1U) != 0) return nullptr;
    const auto& tests = forms_[item.form].tests;
    const auto found = std::ranges::find(tests, field, &LinuxTest::field);
    return found == tests.end() ? nullptr : &*found;
  }

  bool is_done(const Item& item) const {
    return std::ranges::all_of(forms_[item.form].tests, [&item](const LinuxTest& test) {
      return (item.done >> test.field & 1U) != 0;
    });
  }

  // What comes after a form that matches for sure is out of reach.
  void cut(Items& items) const {
    const auto last = std::ranges::find_if(
        items, [this](const Item& item) { return is_done(item) && forms_[item.form].key.empty(); });
    if (last != items.end()) items.erase(last + 1, items.end());
  }

  // Where a list's code is, or will be.
  struct Known {
    Label label;
    bool is_there = false;
  };

  Label label_of(Items items) {
    if (items.empty()) return search_.nothing;
    cut(items);
    const auto found = known_.find(items);
    if (found != known_.end()) return found->second.label;
    const Label label = out_.new_label();
    budget_.spend(items.size());
    known_.emplace(items, Known{label, false});
    room_ -= std::min(room_, items.size());
    waiting_.emplace(items.size(), std::move(items));
    return label;
  }

  void write_list(const Items& items, Known& known) {
    out_.bind(known.label);
    known.is_there = true;
    std::size_t next_look = 0;
    for (std::size_t at = 0; at < items.size() && take_written(); ++at) {
      const Item& first = items[at];
      const bool done = is_done(first);
      const std::size_t left = items.size() - at;
      if (!done && (at >= next_look || left <= kShortEnd)) {
        // Not at each step of a long list, where it takes its time: all looks together take what
        // a fixed number of looks at the whole list does.
        next_look = at + std::max(kFewSteps, left / kFewSteps);
        const Items rest(items.begin() + static_cast<std::ptrdiff_t>(at), items.end());
        if (const auto split = choose(rest)) return write_split(*split, rest);
      }
      if (done && forms_[first.form].key.empty()) {
        return search_.found(first.form, search_.nothing);
      }
      const Next next = next_of(items, at + 1);
      if (!done) write_tests(first, next.label);
      search_.found(first.form, next.label);
      if (next.is_elsewhere) return;
      out_.bind(next.label);
    }
  }

  // Steps of what has been written since. False: the budget is spent.
  bool take_written() {
    const std::size_t size = out_.size();
    const bool good = budget_.spend(kWrite * (size - written_));
    written_ = size;
    return good;
  }

  // Where a list goes on: if that is not elsewhere, others will join it here.
  struct Next {
    Label label;
    bool is_elsewhere = false;
  };
  Next next_of(const Items& items, std::size_t at) {
    if (at == items.size()) return {search_.nothing, true};
    if (items.size() - at > kShortEnd) return {out_.new_label(), false};
    Items rest(items.begin() + static_cast<std::ptrdiff_t>(at), items.end());
    const auto found = known_.find(rest);
    if (found != known_.end()) return {found->second.label, true};
    const Label here = out_.new_label();
    known_.emplace(std::move(rest), Known{here, true});
    return {here, false};
  }

  void write_tests(const Item& item, Label miss) {
    for (const LinuxTest& test : forms_[item.form].tests) {
      if ((item.done >> test.field & 1U) != 0) continue;
      load(test.field, test.mask);
      compare(Condition::kNotEqual, test.field, test.bits, miss);
      if ((kTypical.at(test.field) & test.mask) != test.bits) out_.is_likely();
    }
  }

  // r1 = field & mask.
  void load(LinuxField field, std::uint64_t mask) {
    out_.load(Width::k64, Register::r1, place_of(field));
    if (mask == max_of(field)) return;
    if (is_narrow(field)) {
      out_.calculate32(Operation::kAnd, Register::r1, static_cast<std::int32_t>(mask));
    } else {
      out_.load_constant(Register::r2, mask);
      out_.calculate(Operation::kAnd, Register::r1, Register::r2);
    }
  }

  void compare(Condition condition, LinuxField field, std::uint64_t value, Label to) {
    if (is_narrow(field)) {
      out_.jump_if32(condition, Register::r1, static_cast<std::uint32_t>(value), to);
    } else {
      out_.load_constant(Register::r2, value);
      out_.jump_if(condition, Register::r1, Register::r2, to);
    }
  }

  static bool takes_part(const Split& split, const LinuxTest& test) {
    return split.by_range ? is_prefix(split.field, test.mask) : test.mask == split.mask;
  }

  // How a field could be looked up. None if too few forms test it alike.
  std::optional<Split> split_by(LinuxField field, const Items& items) const {
    std::map<std::uint64_t, std::size_t> masks;
    std::size_t prefixes = 0;
    for (const Item& item : items) {
      const LinuxTest* test = open_test(item, field);
      if (test == nullptr) continue;
      ++masks[test->mask];
      if (is_prefix(field, test->mask)) ++prefixes;
    }
    if (masks.empty()) return std::nullopt;
    const auto most =
        std::ranges::max_element(masks, {}, [](const auto& each) { return each.second; });
    if (prefixes > most->second) return Split{field, max_of(field), true};
    return Split{field, most->first, false};
  }

  struct Worth {
    std::size_t tests = 0;   // that it answers
    std::size_t values = 0;  // that it tells apart
  };
  Worth worth_of(const Split& split, const Items& items) const {
    std::vector<std::uint64_t> ends;
    Worth worth;
    for (const Item& item : items) {
      const LinuxTest* test = open_test(item, split.field);
      if (test == nullptr || !takes_part(split, *test)) continue;
      ++worth.tests;
      ends.push_back(test->bits);
      if (split.by_range) ends.push_back(test->bits | (split.mask & ~test->mask));
    }
    std::ranges::sort(ends);
    ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
    worth.values = ends.size();
    return worth;
  }

  // None: better one by one.
  std::optional<Split> choose(const Items& items) {
    budget_.spend(kLook * items.size());
    std::optional<Split> best;
    std::size_t best_left = 0;
    constexpr std::size_t kScale = 16;
    for (LinuxField field = 0; field < kFieldsAndMetadata; ++field) {
      const auto split = split_by(field, items);
      if (!split) continue;
      const Worth worth = worth_of(*split, items);
      const std::size_t others = items.size() - worth.tests;
      const std::size_t grown =
          others * (worth.values + 1) + worth.tests * (split->by_range ? 2 : 1);
      const bool fits = grown <= kMostGrowth * items.size() + kFreeGrowth && grown <= room_;
      const bool quick = !split->by_range || worth.values * items.size() <= kMostWork;
      if (worth.tests < 2 || !fits || !quick) continue;
      // How long lists will be on the average; a test of all comes first anyway.
      const std::size_t left = others == 0 ? 0 : kScale * grown / (worth.values + 1);
      if (best && left >= best_left) continue;
      best = split;
      best_left = left;
    }
    return best;
  }

  // What remains of the list for these values: all from one to another are alike.
  Items remaining(const Split& split, const Items& items, std::uint64_t value) {
    budget_.spend(items.size());
    Items rest;
    for (const Item& item : items) {
      const LinuxTest* test = open_test(item, split.field);
      if (test == nullptr || !takes_part(split, *test)) {
        rest.push_back(item);
      } else if ((value & test->mask) == test->bits) {
        rest.push_back({item.form, item.done | 1U << split.field});
      }
    }
    return rest;
  }

  // By value, of forms that test for just that.
  std::vector<Range> ranges_by_value(const Split& split, const Items& items) {
    std::map<std::uint64_t, std::vector<std::size_t>> having;
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const LinuxTest* test = open_test(items[i], split.field);
      const bool part = test != nullptr && takes_part(split, *test);
      (part ? having[test->bits] : others).push_back(i);
    }
    // Of the others, those that the value does not rule out.
    const auto list = [&](std::vector<std::size_t> places, const auto& is_ruled_out) {
      std::vector<std::size_t> all;
      std::ranges::merge(places, others, std::back_inserter(all));
      budget_.spend(all.size());
      Items rest;
      for (const std::size_t i : all) {
        const bool part = std::ranges::binary_search(places, i);
        const LinuxTest* test = open_test(items[i], split.field);
        if (!part && test != nullptr && is_ruled_out(*test)) continue;
        rest.push_back({items[i].form, items[i].done | (part ? 1U << split.field : 0U)});
      }
      return label_of(std::move(rest));
    };
    const Label otherwise = list({}, [&](const LinuxTest& test) {
      return (split.mask & ~test.mask) == 0 && having.contains(test.bits & split.mask);
    });
    std::vector<Range> ranges{{0, otherwise}};
    for (auto& [value, places] : having) {
      if (budget_.is_spent()) break;
      // clang 14 does not capture `value` by itself.
      add_range(ranges, value, list(std::move(places), [&, value = value](const LinuxTest& test) {
                  return ((test.bits ^ value) & test.mask & split.mask) != 0;
                }));
      if (value != max_of(split.field)) add_range(ranges, value + 1, otherwise);
    }
    return ranges;
  }

  static void add_range(std::vector<Range>& ranges, std::uint64_t first, Label to) {
    if (ranges.back().first == first) ranges.pop_back();
    if (!ranges.empty() && ranges.back().to.id == to.id) return;
    ranges.push_back({first, to});
  }

  std::vector<Range> ranges_by_prefix(const Split& split, const Items& items) {
    std::vector<std::uint64_t> starts{0};
    for (const Item& item : items) {
      const LinuxTest* test = open_test(item, split.field);
      if (test == nullptr || !takes_part(split, *test)) continue;
      starts.push_back(test->bits);
      const std::uint64_t last = test->bits | (split.mask & ~test->mask);
      if (last != split.mask) starts.push_back(last + 1);
    }
    std::ranges::sort(starts);
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    std::vector<Range> ranges;
    for (const std::uint64_t start : starts) {
      if (budget_.is_spent()) break;
      const Label to = label_of(remaining(split, items, start));
      if (ranges.empty() || ranges.back().to.id != to.id) ranges.push_back({start, to});
    }
    return ranges;
  }

  void write_split(const Split& split, const Items& items) {
    const auto ranges =
        split.by_range ? ranges_by_prefix(split, items) : ranges_by_value(split, items);
    if (ranges.empty()) return;
    load(split.field, split.mask);
    write_ranges(split, ranges);
  }

  // NOLINTNEXTLINE(misc-no-recursion): as deep as the logarithm of their number.
  void write_ranges(const Split& split, std::span<const Range> ranges) {
    if (ranges.size() == 1) return out_.jump(ranges.front().to);
    const std::uint64_t typical = kTypical.at(split.field) & split.mask;
    const bool one_value = ranges.size() == 3 && ranges[0].to.id == ranges[2].to.id &&
                           ranges[1].first + 1 == ranges[2].first;
    if (one_value) {
      compare(Condition::kEqual, split.field, ranges[1].first, ranges[1].to);
      if (typical == ranges[1].first) out_.is_likely();
      return out_.jump(ranges[0].to);
    }
    const std::size_t middle = ranges.size() / 2;
    const Label upper = out_.new_label();
    compare(Condition::kGreaterOrEqual, split.field, ranges[middle].first, upper);
    if (typical >= ranges[middle].first) out_.is_likely();
    write_ranges(split, ranges.first(middle));
    out_.bind(upper);
    write_ranges(split, ranges.subspan(middle));
  }

  Assembler& out_;
  std::span<const LinuxForm> forms_;
  const LinuxSearch& search_;
  Budget& budget_;
  std::size_t written_ = 0;  // instructions, of those that have been counted
  std::map<Items, Known> known_;
  std::multimap<std::size_t, Items> waiting_;  // by length
  std::size_t room_ = 0;                       // for forms in further lists
};

}  // namespace

void write_search(Assembler& out, std::span<const LinuxForm> forms, const LinuxSearch& search,
                  Budget& budget) {
  if (forms.empty()) return out.jump(search.nothing);
  SearchWriter(out, forms, search, budget).write();
}

}  // namespace fabrix::fabric
