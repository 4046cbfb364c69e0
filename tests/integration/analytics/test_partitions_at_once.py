"""The first facts of a day arrive from several processes at once, and each of them makes its partition."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import connection

from analytics_app.services.partitions import partition_name, partitions_ensure

PROCESSES = 3
DAYS = [date(2031, 5, day) for day in range(1, 11)]


@pytest.mark.django_db(transaction=True)
def test_processes_that_make_the_partition_of_one_day_together_all_succeed() -> None:
    start = threading.Barrier(PROCESSES)
    failures: list[Exception] = []

    def make() -> None:
        try:
            for day in DAYS:
                start.wait(60)
                partitions_ensure(fact="event", days=[day])
        except Exception as error:
            failures.append(error)
            start.abort()
        finally:
            connection.close()

    threads = [threading.Thread(target=make) for _ in range(PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    with connection.cursor() as cursor:
        for day in DAYS:
            cursor.execute(f"DROP TABLE IF EXISTS {partition_name('analytics_fact_event', day)}")
    assert failures == []
