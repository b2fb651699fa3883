#include "verify/hearsay.h"

#include <gtest/gtest.h>

#include "tests/verify/asked.h"
#include "tests/verify/compiled_next_hops.h"

namespace fabrix::verify {
namespace {

net::Prefix prefix(const char* text) {
  return net::Prefix::parse(text).value();
}

// What is told in the walkthrough, and how often lists of it, or what one is told, are asked for.
class Counted final : public CompiledNextHops {
 public:
  Counted(const Walkthrough& walkthrough, std::optional<ToldOtherwise> otherwise)
      : CompiledNextHops(
            *walkthrough.compiler,
            [&walkthrough](net::ParticipantId client, const net::Prefix& where) {
              return walkthrough.next_hop(client, where);
            },
            otherwise) {}

  void list(Group group, net::Family family, List& instead) const override {
    ++lists;
    ++asked;
    CompiledNextHops::list(group, family, instead);
  }
  std::optional<net::IpAddress> instead(Group group, net::Family family,
                                        net::ParticipantId client) const override {
    ++asked;
    return CompiledNextHops::instead(group, family, client);
  }
  bool has_other(const exchange::RouteKey& /*key*/) const override { return others; }

  mutable int lists = 0;
  mutable int asked = 0;
  bool others = false;
};

// What shares say, but to one client another address.
class OtherShares final : public exchange::HopShares {
 public:
  // Only instead of another one, or always. `base` must outlive it.
  enum class When : std::uint8_t { kIfTold, kAlways };
  OtherShares(const exchange::HopShares& base, net::ParticipantId client, When when)
      : base_(base), client_(client), when_(when) {}

  bool shares_of(Number group, std::vector<Number>& shares) const override {
    return base_.shares_of(group, shares);
  }
  void own_clients(Number group, std::vector<net::ParticipantId>& clients) const override {
    base_.own_clients(group, clients);
  }
  bool speaks_of(Number group, net::ParticipantId client) const override {
    return base_.speaks_of(group, client);
  }
  bool has_share(Number share, net::Family family) const override {
    return base_.has_share(share, family);
  }
  void words_of(Number share, net::Family family,
                std::vector<exchange::ClientNextHop>& words) const override {
    base_.words_of(share, family, words);
    std::erase_if(words, [this](const auto& each) { return each.client == client_; });
    const auto word = word_of(share, family, client_);
    if (word) words.push_back({.client = client_, .address = *word});
  }
  std::optional<net::IpAddress> word_of(Number share, net::Family family,
                                        net::ParticipantId client) const override {
    const auto right = base_.word_of(share, family, client);
    const bool is_other = client == client_ && (right || when_ == When::kAlways);
    return is_other ? net::IpAddress::parse("172.0.211.99") : right;
  }
  std::uint64_t version(Number share) const override { return base_.version(share); }

 private:
  const exchange::HopShares& base_;
  net::ParticipantId client_;
  When when_;
};

class HearsayTest : public testing::Test {
 protected:
  // The Plan's part that is about what is told.
  Plan plan(const std::vector<net::ParticipantId>& told = {}) const {
    Plan made(walkthrough_.exchange);
    for (const auto id : told) made.told.add(id);
    return made;
  }
  Plan everything() const {
    Plan made(walkthrough_.exchange);
    made.full = true;
    for (const auto& each : walkthrough_.exchange.participants) made.told.add(each.id);
    return made;
  }
  std::vector<Violation> check(const Plan& plan, const NextHops& next_hops) {
    Asked asked(walkthrough_, {});
    const Task task{.world = asked.world,
                    .program = walkthrough_.program,
                    .next_hops = next_hops,
                    .terms = asked.terms,
                    .index = asked.index,
                    .directory = asked.directory,
                    .hashing = asked.hashing,
                    .work = asked.work,
                    .findings = asked.findings};
    looked_at_ = hearsay_.check(plan, task);
    return asked.findings.take();
  }

  Walkthrough walkthrough_;
  Hearsay hearsay_;
  std::size_t looked_at_ = 0;
};

TEST_F(HearsayTest, LooksAtEachPrefixOnceForAll) {
  const Counted next_hops(walkthrough_, {});
  EXPECT_TRUE(check(everything(), next_hops).empty());
  EXPECT_EQ(looked_at_, 4U);
  EXPECT_GT(next_hops.asked, 0);
}

TEST_F(HearsayTest, AChangeToAKnownCaseAsksNobody) {
  const Counted next_hops(walkthrough_, {});
  ASSERT_TRUE(check(everything(), next_hops).empty());
  const int before = next_hops.asked;
  const std::vector changed{walkthrough_.reachability.placed(prefix("140.0.0.0/24"))};
  Plan again = plan();
  again.prefixes = changed;
  EXPECT_TRUE(check(again, next_hops).empty());
  EXPECT_EQ(looked_at_, 1U);
  EXPECT_EQ(next_hops.asked, before);
}

TEST_F(HearsayTest, I3SeesAChangedPrefixThatIsToldOtherwise) {
  ASSERT_TRUE(check(everything(), Counted(walkthrough_, {})).empty());
  const std::vector changed{walkthrough_.reachability.placed(prefix("140.0.0.0/24"))};
  const auto other = walkthrough_.next_hop(Walkthrough::kA, prefix("160.0.0.0/24"));
  Plan again = plan();
  again.prefixes = changed;
  const auto found =
      check(again, Counted(walkthrough_, ToldOtherwise{changed.front(), Walkthrough::kA, other}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].invariant, "I3");
}

// B, which has no policy, is told A's tag.
TEST_F(HearsayTest, I3SeesATagThatIsToldToSomebodyWithoutPolicy) {
  const auto where = walkthrough_.reachability.placed(prefix("160.0.0.0/24"));
  const auto tag = walkthrough_.next_hop(Walkthrough::kA, where.prefix);
  const auto found =
      check(everything(), Counted(walkthrough_, ToldOtherwise{where, Walkthrough::kB, tag}));
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].invariant, "I3");
}

// A is told the best route's own next hop where its policy wants another.
TEST_F(HearsayTest, I3SeesAnEditThatLeavesTheRealNextHop) {
  walkthrough_.compiler->set_policy(Walkthrough::kA, nullptr, "").value();
  walkthrough_.meanings = walkthrough_.compiler->compile({}).meanings;
  const auto policy = std::exchange(walkthrough_.policies[Walkthrough::kA.index()], nullptr);
  const Counted next_hops(walkthrough_, {});
  ASSERT_TRUE(check(everything(), next_hops).empty());
  walkthrough_.policies[Walkthrough::kA.index()] = policy;
  const auto found = check(plan({Walkthrough::kA}), next_hops);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].invariant, "I3");
  EXPECT_NE(found[0].message.find("past its policy"), std::string::npos) << found[0].message;
}

TEST_F(HearsayTest, ASenderThatChangesIsLookedAtInTheCasesThatConcernIt) {
  const Counted next_hops(walkthrough_, {});
  ASSERT_TRUE(check(everything(), next_hops).empty());
  const int before = next_hops.lists;
  EXPECT_TRUE(check(plan({Walkthrough::kA}), next_hops).empty());
  EXPECT_GT(looked_at_, 0U);
  EXPECT_LE(looked_at_, 8U);  // with shared words
  EXPECT_EQ(next_hops.lists, before);
}

TEST_F(HearsayTest, AnEditThatChangesNothingOfWhatIsToldLooksAtNothing) {
  const Counted next_hops(walkthrough_, {});
  ASSERT_TRUE(check(everything(), next_hops).empty());
  Plan edit = plan();
  edit.judging.add(Walkthrough::kA);
  EXPECT_TRUE(check(edit, next_hops).empty());
  EXPECT_EQ(looked_at_, 0U);
}

TEST_F(HearsayTest, I3SeesWhatAGroupTellsOtherwiseAfterAnEdit) {
  ASSERT_TRUE(check(everything(), Counted(walkthrough_, {})).empty());
  // The announcer says that it tells something else now; nothing else did.
  class Retold final : public CompiledNextHops {
   public:
    using CompiledNextHops::CompiledNextHops;
    std::optional<net::IpAddress> instead(Group group, net::Family family,
                                          net::ParticipantId client) const override {
      const auto right = CompiledNextHops::instead(group, family, client);
      return client == Walkthrough::kA && right ? net::IpAddress::parse("172.0.211.99") : right;
    }
    std::optional<std::uint64_t> version(net::ParticipantId client) const override {
      return *CompiledNextHops::version(client) + 1;
    }
    const exchange::HopShares* shares() const override { return &other_; }

   private:
    OtherShares other_{*CompiledNextHops::shares(), Walkthrough::kA, OtherShares::When::kIfTold};
  };
  const Retold retold(*walkthrough_.compiler,
                      [this](net::ParticipantId client, const net::Prefix& where) {
                        return walkthrough_.next_hop(client, where);
                      });
  Plan edit = plan();
  edit.judging.add(Walkthrough::kA);
  const auto found = check(edit, retold);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].invariant, "I3");
}

// B is no target of a clause with routes, and is told a tag all the same: it is not among the cases
// of its targets.
TEST_F(HearsayTest, LooksAtAllCasesIfMoreTellThanThoseOfItsTargets) {
  ASSERT_TRUE(check(everything(), Counted(walkthrough_, {})).empty());
  class More final : public CompiledNextHops {
   public:
    using CompiledNextHops::CompiledNextHops;
    std::optional<net::IpAddress> instead(Group group, net::Family family,
                                          net::ParticipantId client) const override {
      if (client == Walkthrough::kB) return net::IpAddress::parse("172.0.211.99");
      return CompiledNextHops::instead(group, family, client);
    }
    std::size_t words(net::ParticipantId client) const override {
      return CompiledNextHops::words(client) + 1;
    }
    const exchange::HopShares* shares() const override { return &other_; }

   private:
    OtherShares other_{*CompiledNextHops::shares(), Walkthrough::kB, OtherShares::When::kAlways};
  };
  const More more(*walkthrough_.compiler,
                  [this](net::ParticipantId client, const net::Prefix& where) {
                    return walkthrough_.next_hop(client, where);
                  });
  EXPECT_FALSE(check(plan({Walkthrough::kB}), more).empty());
}

// Routes with next hops that are not their routers' own are judged by what each is told.
TEST_F(HearsayTest, WhereRoutesHaveOtherNextHopsEachPrefixIsAskedFor) {
  Counted next_hops(walkthrough_, {});
  next_hops.others = true;
  EXPECT_TRUE(check(everything(), next_hops).empty());
  EXPECT_TRUE(check(plan({Walkthrough::kA}), next_hops).empty());
}

TEST_F(HearsayTest, WithoutPoliciesNothingIsRemembered) {
  for (auto& policy : walkthrough_.policies) policy = nullptr;
  walkthrough_.meanings = nullptr;
  const EachAsked next_hops(walkthrough_.exchange, walkthrough_.reachability,
                            [this](net::ParticipantId client, const net::Prefix& where) {
                              const auto best =
                                  walkthrough_.reachability.routes(client, where).front();
                              return walkthrough_.exchange.router(best).addresses.front();
                            });
  EXPECT_TRUE(check(everything(), next_hops).empty());
  EXPECT_EQ(looked_at_, 4U);
  EXPECT_TRUE(check(plan({Walkthrough::kA}), next_hops).empty());
  EXPECT_EQ(looked_at_, 0U);
}

}  // namespace
}  // namespace fabrix::verify
