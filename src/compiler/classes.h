// ClassTable: the forwarding classes of one sender: what its tags distinguish, and what needs one.
//
// A class exists while groups of routes (route_groups.h) are in it, and longer until it has been
// settled: then its virtual next hops are let go. It is remembered while routers may remember what
// was bound to it (vnh_pool.h), in case that it comes back. It needs a next hop of a family while
// one of its groups has prefixes of that family. Not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "compiler/chunks.h"
#include "compiler/class_keys.h"
#include "compiler/codebook.h"
#include "compiler/hash_index.h"
#include "compiler/route_groups.h"
#include "compiler/vnh_pool.h"
#include "net/ip_address.h"

namespace fabrix::compiler {

struct ForwardingClass {
  // Of one pool.
  struct NextHop {
    VnhPool::Bound bound;           // if it is; or one of its bindings
    bool is_bound : 1 = false;      // as settled
    bool is_lacking : 1 = false;    // there was none left
    bool was_bound : 1 = false;     // while groups were in the class
    bool has_bindings : 1 = false;  // that routers may remember

    std::optional<VnhPool::Bound> known() const {
      return has_bindings ? std::optional(bound) : std::nullopt;
    }
  };

  KeyId key = kNoKey;                    // ClassTable's own; kNoKey: it is not known
  std::uint32_t groups : 31 = 0;         // and shares of groups (route_shares.h)
  std::uint32_t is_unsettled : 1 = 0;    // ClassTable's own
  std::array<std::uint32_t, 2> users{};  // of these, those with prefixes of a family
  std::uint32_t reach = 0;               // of its tag, as settled
  std::array<NextHop, 2> next_hops;      // by pool

  bool has_bindings() const { return next_hops[0].has_bindings || next_hops[1].has_bindings; }
};
static_assert(sizeof(ForwardingClass) == 32);

class ClassTable {
 public:
  // `keys` must outlive it.
  explicit ClassTable(ClassKeys& keys) : keys_(keys) {}

  // The class of this key, which a group enters. None: there are Member::kMaxClasses.
  std::optional<ClassId> enter(const ClassKey& key);
  // The same, of a key that somebody holds.
  std::optional<ClassId> enter(KeyId key);
  // A hint: the class of this key is entered soon (base/ahead.h).
  void expect(KeyId key) const {
    index_.read_ahead_hash(hash_of(key));
    classes_.expect_more();
  }
  // One more group enters a class that has some.
  void enter_again(ClassId id) { ++classes_[id.index()].groups; }
  void leave(ClassId id);
  // A group of the class got its first prefix of a family, or lost its last.
  void add_user(ClassId id, net::Family family);
  void remove_user(ClassId id, net::Family family);

  ForwardingClass& operator[](ClassId id) { return classes_[id.index()]; }
  const ForwardingClass& operator[](ClassId id) const { return classes_[id.index()]; }
  const ClassKey& key_of(ClassId id) const { return keys_[classes_[id.index()].key].key; }

  // The classes that exist or are remembered, in order of their keys.
  std::vector<ClassId> all() const;
  // Those that wanted(class) is true of, and `others`, each once, in an order that their keys
  // decide.
  template <typename Wanted>
  std::vector<ClassId> with(std::vector<ClassId> others, const Wanted& wanted) const {
    for (std::uint32_t i = 0; i < classes_.size(); ++i) {
      if (classes_[i].groups > 0 && wanted(ClassId{i})) others.push_back(ClassId{i});
    }
    bring_into_order(others);
    others.erase(std::unique(others.begin(), others.end()), others.end());
    return others;
  }
  // Calls visit(class) for each, in no order that matters.
  template <typename Visit>
  void for_each(const Visit& visit) const {
    for (std::size_t i = 0; i < classes_.size(); ++i) visit(classes_[i]);
  }
  // The distinct sets of units that classes in use have, sorted.
  std::vector<Units> unit_sets() const;

  // The classes that entered use, fell out of it, or need another set of next hops since the last
  // call, in an order that their keys decide.
  std::vector<ClassId> take_unsettled();
  std::span<const ClassId> unsettled() const { return unsettled_; }  // take_unsettled() takes these
  bool has_unsettled() const { return !unsettled_.empty(); }
  // Whether a class has come into use or gone out of it since the last call.
  bool take_changed();
  // It is to be settled.
  void note(ClassId id);
  // Forgets the class; nobody may be in it.
  void erase(ClassId id);

 private:
  void bring_into_order(std::vector<ClassId>& ids) const;
  std::optional<ClassId> next_id() const;
  static std::uint64_t hash_of(KeyId key) { return key.value * 0x9e3779b97f4a7c15U; }

  ClassKeys& keys_;
  Chunks<ForwardingClass> classes_;  // by ClassId
  std::vector<ClassId> free_;
  HashIndex index_;
  std::vector<ClassId> unsettled_;
  bool changed_ = false;
};

}  // namespace fabrix::compiler
