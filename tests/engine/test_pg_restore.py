"""What pgcopydb runs for pg_restore where a copy goes on."""

from lmtui.pgcopydb.pg_restore import divided, is_there, not_valid

LIST = """;
; Archive created at 2026-12-01
3999; 2606 16500 CONSTRAINT public orders orders_pkey postgres
4001; 2606 16502 FK CONSTRAINT public orders orders_customer_id_fkey postgres
;4002; 2606 16503 FK CONSTRAINT public left out_fkey postgres
4003; 2620 16504 TRIGGER public orders FK CONSTRAINT postgres
"""
SCRIPT = """--
-- Name: orders orders_customer_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer) REFERENCES public.customers(id);


--
-- Name: notes late; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE "Back office"."Notes; [draft]"
    ADD CONSTRAINT late FOREIGN KEY (id) REFERENCES public.customers(id) DEFERRABLE NOT VALID;
"""


def test_foreign_keys_are_taken_out_of_the_list() -> None:
    rest, keys = divided(LIST)
    assert [line.split(";")[0] for line in keys.splitlines()] == ["4001"]
    assert rest + keys != LIST
    assert sorted((rest + keys).splitlines()) == sorted(LIST.splitlines())


def test_foreign_keys_are_made_without_a_check() -> None:
    first, second = not_valid(SCRIPT)
    assert first.startswith("ALTER TABLE ONLY public.orders\n")
    assert first.endswith("REFERENCES public.customers(id) NOT VALID")
    assert second.endswith("DEFERRABLE NOT VALID")
    assert second.count("NOT VALID") == 1


def test_what_is_there_already_is_no_failure() -> None:
    there = (
        'pg_restore: error: could not execute query: ERROR:  trigger "t" for relation "o" already'
        " exists\nCommand was: CREATE TRIGGER t\n"
        "pg_restore: error: could not execute query: ERROR:  multiple primary keys for table"
        ' "payments" are not allowed\npg_restore: warning: errors ignored on restore: 2\n'
    )
    assert is_there(there)
    assert not is_there("")
    assert not is_there("pg_restore: error: could not open file\n")
    assert not is_there(there + "pg_restore: error: ERROR:  permission denied for schema x\n")
