// ClassTable: the forwarding classes of one sender: what its tags distinguish, and what needs one.
//
// A class exists while groups of routes (route_groups.h) are in it, and longer only until it has
// been settled: then its virtual next hops are let go. It needs a next hop of a family while one of
// its groups has prefixes of that family. Not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/chunks.h"
#include "compiler/codebook.h"
#include "compiler/hash_index.h"
#include "compiler/route_groups.h"
#include "compiler/vnh_pool.h"
#include "net/ip_address.h"
#include "program/tag.h"

namespace fabrix::compiler {

struct ForwardingClass {
  ClassKey key;
  program::Tag tag;
  std::size_t groups = 0;                // and shares of groups (route_shares.h)
  std::array<std::uint32_t, 2> users{};  // of these, those with prefixes of a family
  // By family of the next hop, as settled; and whether there was none left.
  std::array<std::optional<net::IpAddress>, 2> next_hops;
  std::array<bool, 2> lacks{};
  std::array<bool, 2> had_next_hop{};  // ever
  bool unsettled = false;
  // ClassTable's own.
  bool exists = false;
  std::uint64_t hash = 0;   // of the key
  std::uint64_t place = 0;  // VnhPool::hash_of() of it
};

class ClassTable {
 public:
  // The class of this key, which a group enters. None: there are Member::kMaxClasses.
  std::optional<ClassId> enter(const ClassKey& key) {
    return enter({.key = key, .hash = hash_of(key)});
  }
  // The same, of which the hashes are known already.
  struct HashedKey {
    const ClassKey& key;
    std::uint64_t hash = 0;                             // hash_of()
    std::optional<std::uint64_t> place = std::nullopt;  // VnhPool::hash_of()
  };
  static std::uint64_t hash_of(const ClassKey& key);
  std::optional<ClassId> enter(const HashedKey& wanted);
  // One more group enters a class that has some.
  void enter_again(ClassId id) { ++classes_[id.index()].groups; }
  void leave(ClassId id);
  // A group of the class got its first prefix of a family, or lost its last.
  void add_user(ClassId id, net::Family family);
  void remove_user(ClassId id, net::Family family);

  ForwardingClass& operator[](ClassId id) { return classes_[id.index()]; }
  const ForwardingClass& operator[](ClassId id) const { return classes_[id.index()]; }

  // The classes that exist, in order of their keys.
  std::vector<ClassId> all() const;
  // Those that wanted(class) is true of, and `others`, each once, in an order that their keys
  // decide.
  template <typename Wanted>
  std::vector<ClassId> with(std::vector<ClassId> others, const Wanted& wanted) const {
    for (std::uint32_t i = 0; i < classes_.size(); ++i) {
      if (classes_[i].groups > 0 && wanted(classes_[i])) others.push_back(ClassId{i});
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
  bool has_unsettled() const { return !unsettled_.empty(); }
  // Whether a class has come into use or gone out of it since the last call.
  bool take_changed();
  // Forgets the class; nobody may be in it.
  void erase(ClassId id);

 private:
  void note(ClassId id);
  void bring_into_order(std::vector<ClassId>& ids) const;
  std::optional<ClassId> next_id() const;

  Chunks<ForwardingClass> classes_;  // by ClassId
  std::vector<ClassId> free_;
  HashIndex index_;
  std::vector<ClassId> unsettled_;
  bool changed_ = false;
};

}  // namespace fabrix::compiler
