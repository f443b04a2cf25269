#include "session/weak_session.h"

#include <optional>

#include "session/fake_session.h"

namespace usher::session {
namespace {

class WeakSessionTest : public SessionTest {
 protected:
  RecordingOutlet outlet;
};

TEST_F(WeakSessionTest, ALiveSessionIsFound) {
  FakeSession session(outlet, dependencies);
  session.go_live();
  EXPECT_EQ(WeakSession(session).lock(), &session);
}

TEST_F(WeakSessionTest, ASessionThatHasEndedIsNotFound) {
  FakeSession session(outlet, dependencies);
  session.go_live();
  const WeakSession weak(session);
  session.end({wire::CloseCode::going_away, ""});
  EXPECT_EQ(weak.lock(), nullptr);
}

TEST_F(WeakSessionTest, AnotherSessionAtTheSameAddressIsNotMistakenForIt) {
  std::optional<FakeSession> place;
  place.emplace(outlet, dependencies).go_live();
  const SessionView* const address = &*place;
  const WeakSession weak(*place);
  place.reset();
  EXPECT_EQ(weak.lock(), nullptr);
  place.emplace(outlet, dependencies).go_live();
  ASSERT_EQ(&*place, address);
  EXPECT_EQ(weak.lock(), nullptr);
}

}  // namespace
}  // namespace usher::session
