//! What can be called.

/// A method of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `createInstance(name, description?)`
    CreateInstance,
    /// `getInstance(instanceId)`
    GetInstance,
    /// `listInstances()`
    ListInstances,
    /// `updateInstance(instanceId, updates)`
    UpdateInstance,
    /// `deleteInstance(instanceId)`
    DeleteInstance,
    /// `appendEvent(params)`
    AppendEvent,
    /// `appendEvents(params)`
    AppendEvents,
    /// `queryEvents(query)`
    QueryEvents,
    /// `getInstanceStats(instanceId)`
    GetInstanceStats,
    /// `exportEvents(options)`
    ExportEvents,
    /// `importEvents(source, options)`
    ImportEvents,
    /// `listStreams(options)`
    ListStreams,
    /// `readAll(options)`, `readStream(options)` and `subscribe(options)`
    ReadEvents,
    /// What `subscribe(options)` waits for: a commit
    AwaitEvents,
    /// What `subscribe(options)` does with its consumer
    MoveConsumer,
    /// `listConsumers(options)`
    ListConsumers,
    /// `resetConsumer(options)`
    ResetConsumer,
    /// `deleteConsumer(options)`
    DeleteConsumer,
    /// How `project(options)` finds what it has kept
    LoadSnapshot,
    /// How `project(options)` keeps what it has computed
    StoreSnapshot,
    /// `deleteSnapshots(options)`
    DeleteSnapshots,
    /// `verify(options)`
    Verify,
    /// `backup(path, options)`
    Backup,
    /// `compact(options)`
    Compact,
}

impl Method {
    /// The method's name in JavaScript.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateInstance => "createInstance",
            Self::GetInstance => "getInstance",
            Self::ListInstances => "listInstances",
            Self::UpdateInstance => "updateInstance",
            Self::DeleteInstance => "deleteInstance",
            Self::AppendEvent => "appendEvent",
            Self::AppendEvents => "appendEvents",
            Self::QueryEvents => "queryEvents",
            Self::GetInstanceStats => "getInstanceStats",
            Self::ExportEvents => "exportEvents",
            Self::ImportEvents => "importEvents",
            Self::ListStreams => "listStreams",
            Self::ReadEvents => "readEvents",
            Self::AwaitEvents => "awaitEvents",
            Self::MoveConsumer => "moveConsumer",
            Self::ListConsumers => "listConsumers",
            Self::ResetConsumer => "resetConsumer",
            Self::DeleteConsumer => "deleteConsumer",
            Self::LoadSnapshot => "loadSnapshot",
            Self::StoreSnapshot => "storeSnapshot",
            Self::DeleteSnapshots => "deleteSnapshots",
            Self::Verify => "verify",
            Self::Backup => "backup",
            Self::Compact => "compact",
        }
    }

    /// Whether the method appends events.
    pub(super) const fn appends(self) -> bool {
        matches!(self, Self::AppendEvent | Self::AppendEvents)
    }

    /// Whether the method changes the log.
    #[must_use]
    pub const fn writes(self) -> bool {
        !matches!(
            self,
            Self::GetInstance
                | Self::ListInstances
                | Self::QueryEvents
                | Self::GetInstanceStats
                | Self::ExportEvents
                | Self::ListStreams
                | Self::ReadEvents
                | Self::AwaitEvents
                | Self::ListConsumers
                | Self::LoadSnapshot
                | Self::Verify
                | Self::Backup
        )
    }
}
