package io.penstock.memory.admission;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RunningTest {
    private final Running running = new Running(0);
    private final Footprint mail = new Footprint("mail");
    private final Footprint video = new Footprint("video");

    private Permit runs(Footprint type, long allocated) {
        Permit permit = new Permit(null, type, new Permit.Request(type.name, 1, 0, null), () -> {});
        permit.told = allocated;
        running.add(permit);
        return permit;
    }

    @Test
    void chargesJobsOfATypeByWhatTheyAllocated() {
        Permit small = runs(mail, 100);
        Permit large = runs(mail, 300);

        running.moved(200);

        assertThat(small.moved).isEqualTo(50);
        assertThat(large.moved).isEqualTo(150);
        assertThat(running.mostMoved()).isEqualTo(230);
    }

    @Test
    void whatAJobWasChargedWithGoesWithIt() {
        Permit first = runs(mail, 100);
        runs(mail, 100);
        running.moved(80);

        running.remove(first);

        assertThat(running.mostMoved()).isEqualTo(46);
    }

    @Test
    void whatWasMovedBeforeAJobBeganIsNotCharged() {
        runs(mail, 100);
        running.moved(80);
        Permit later = runs(mail, 100);

        running.moved(60);

        assertThat(later.moved).as("it has 100 to answer for, the other 20").isEqualTo(50);
        assertThat(running.mostMoved()).isEqualTo(161);
    }

    @Test
    void eachTypeIsChargedWithAllOfIt() {
        Permit quick = runs(mail, 1_000);
        runs(video, 600);
        running.moved(500);
        assertThat(running.mostMoved()).isEqualTo(575);

        running.remove(quick);

        assertThat(running.mostMoved()).as("it may all have been the video's").isEqualTo(575);
    }

    @Test
    void thoseOfWhomNothingIsKnownAreChargedAlike() {
        Permit one = runs(mail, 0);
        Permit other = runs(mail, 0);

        running.moved(100);

        assertThat(one.moved).isEqualTo(50);
        assertThat(other.moved).isEqualTo(50);
    }

    @Test
    void nothingIsLeftOfItsSumsWhenNobodyRuns() {
        Permit one = runs(mail, 0);
        one.cost = 7;
        running.priceAgain(permit -> {
            permit.cost = 100;
            permit.likelyCost = 60;
            permit.variance = 1e-3;
        });
        assertThat(running.cost()).isEqualTo(60);

        running.remove(one);

        assertThat(running.cost() + running.likely() + running.owed()).isZero();
    }
}
