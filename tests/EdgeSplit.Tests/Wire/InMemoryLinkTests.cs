using EdgeSplit.Compute;
using EdgeSplit.Numerics;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Wire;

public class InMemoryLinkTests
{
    [Fact]
    public async Task Messages_arrive_in_order_and_change_hands_without_a_copy()
    {
        (InMemoryLink server, InMemoryLink device) = InMemoryLink.CreatePair();
        Message[] sent = [.. Enumerable.Range(0, 3).Select(Step)];
        foreach (Message message in sent)
            await device.SendAsync(message, default);
        foreach (Message message in sent)
            Assert.Same(message, await server.ReceiveAsync(default));
    }

    [Fact]
    public async Task A_closed_link_gives_what_was_sent_and_then_its_reason()
    {
        (InMemoryLink server, InMemoryLink device) = InMemoryLink.CreatePair();
        await device.SendAsync(Step(0), default);
        device.Close(new InvalidOperationException("the battery is empty"));

        Assert.IsType<Message.StepUp>(await server.ReceiveAsync(default));
        LinkClosedException closed = await Assert.ThrowsAsync<LinkClosedException>(async () => await server.ReceiveAsync(default));
        Assert.Equal("the battery is empty", closed.Message);
    }

    [Fact]
    public async Task Sending_on_a_closed_end_is_an_error()
    {
        (InMemoryLink server, _) = InMemoryLink.CreatePair();
        await server.DisposeAsync();
        await Assert.ThrowsAsync<LinkClosedException>(async () => await server.SendAsync(Step(0), default));
    }

    [Fact]
    public async Task Waiting_for_a_message_can_be_cancelled()
    {
        (InMemoryLink server, _) = InMemoryLink.CreatePair();
        using CancellationTokenSource cancellation = new();
        ValueTask<Message> waiting = server.ReceiveAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
    }

    [Fact]
    public void Payload_counts_tensors_and_labels()
    {
        Assert.Equal(8 + 8, Step(0).PayloadBytes);
        Assert.Equal(0, new Message.RoundEnd(1, new Weights(), Local: null).PayloadBytes);
    }

    private static Message Step(int step) => new Message.StepUp(1, step, HostTensor.From([1f, 2f], new Shape(2, 1)), [0, 1]);
}
