#include "io/namespace.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <net/if.h>
#include <sys/stat.h>

#include "tests/io/world.h"

namespace fabrix::io {
namespace {

// Which network namespace the calling thread is in.
ino_t current() {
  struct stat status {};
  EXPECT_EQ(stat("/proc/thread-self/ns/net", &status), 0);
  return status.st_ino;
}

using NetworkNamespaceTest = testing::NamespaceTest;

TEST_F(NetworkNamespaceTest, AreCreatedListedAndDeletedByName) {
  std::string name;
  const ino_t home = current();
  {
    const testing::TestNamespace created;
    name = created.name();
    EXPECT_TRUE(std::ranges::count(list_namespaces(), name) == 1);
    EXPECT_EQ(current(), home);
    const auto again = create_namespace(name);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().message, "network namespace " + name + ": File exists");
  }
  EXPECT_TRUE(std::ranges::count(list_namespaces(), name) == 0);
  EXPECT_FALSE(delete_namespace(name));
  EXPECT_FALSE(open_namespace(name));
}

TEST_F(NetworkNamespaceTest, RefusesNamesThatLeaveTheDirectory) {
  for (const std::string name : {"", ".", "..", "a/b", "../x", "a b", "ä"}) {
    SCOPED_TRACE(name);
    EXPECT_FALSE(create_namespace(name));
    EXPECT_FALSE(delete_namespace(name));
    EXPECT_FALSE(open_namespace(name));
  }
}

TEST_F(NetworkNamespaceTest, OneMayHaveTwoNames) {
  const testing::TestNamespace one;
  const std::string alias = one.name() + "-alias";
  const ino_t home = current();
  ASSERT_TRUE(alias_namespace(one.name(), alias));
  EXPECT_EQ(current(), home);
  {
    const auto scope = NamespaceScope::enter(one.name());
    const ino_t within = current();
    const auto same = NamespaceScope::enter(alias);
    ASSERT_TRUE(same);
    EXPECT_EQ(current(), within);
  }
  EXPECT_FALSE(alias_namespace(one.name(), alias)) << "taken";
  EXPECT_FALSE(alias_namespace(alias + "-none", alias + "-2"));
  EXPECT_TRUE(delete_namespace(alias));
  EXPECT_TRUE(open_namespace(one.name()));
}

TEST_F(NetworkNamespaceTest, AScopeEntersAndComesBack) {
  const testing::TestNamespace outer;
  const testing::TestNamespace inner;
  const ino_t home = current();
  {
    const auto outer_scope = NamespaceScope::enter(outer.name());
    ASSERT_TRUE(outer_scope);
    const ino_t within = current();
    EXPECT_NE(within, home);
    EXPECT_EQ(if_nametoindex("lo"), 1U);
    EXPECT_EQ(if_nametoindex("eth0"), 0U);
    {
      const auto inner_scope = NamespaceScope::enter(inner.name());
      EXPECT_NE(current(), within);
    }
    EXPECT_EQ(current(), within);
  }
  EXPECT_EQ(current(), home);
}

TEST_F(NetworkNamespaceTest, AScopeThatCannotBeEnteredChangesNothing) {
  const ino_t home = current();
  EXPECT_FALSE(NamespaceScope::enter("fxt-no-such-namespace"));
  EXPECT_EQ(current(), home);
}

}  // namespace
}  // namespace fabrix::io
