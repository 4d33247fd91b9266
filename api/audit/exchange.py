"""One request and its answer, of bounded size and time: whoever answers may be anybody."""

import asyncio

import httpx


class AnswerError(RuntimeError):
    """An answer that is too long, or takes too long."""


async def exchange(
    client: httpx.AsyncClient, request: httpx.Request, *, longest: int, seconds: float
) -> tuple[int, bytes]:
    """The status and the body of the answer, of `longest` bytes at most, within `seconds`.

    Raises AnswerError for any other, and httpx.HTTPError where there is none.
    """
    # Little that is compressed may be much.
    request.headers["accept-encoding"] = "identity"
    # The client's own limits begin anew with every byte, of a header too; only what is awaited can
    # be ended from outside, whatever it is at.
    try:
        async with asyncio.timeout(seconds):
            answer = await client.send(request, stream=True)
            try:
                content = bytearray()
                async for part in answer.aiter_raw():
                    content += part
                    if len(content) > longest:
                        raise AnswerError("the answer is too long")
                return answer.status_code, bytes(content)
            finally:
                await answer.aclose()
    except TimeoutError as error:
        raise AnswerError("the answer takes too long") from error
